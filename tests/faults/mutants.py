"""Six safeguards, each switched off in a copy of the source: the campaign must notice.

A mutant is an exact replacement of text. One that no longer fits the source fails, so that none
becomes harmless without anybody knowing.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.running import PROJECT

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache", "screenshots"
)

SWEEP = "lanes/management/commands/sweep.py"


@dataclass(frozen=True)
class Mutant:
    """`caught_by`: what the checker should say (any one of them).

    `schema`: what a changed migration means for a database that was migrated before; `FORWARD`
    stands for the statement of the changed migration itself.
    """

    text: str
    changes: tuple[tuple[str, str, str], ...]
    caught_by: tuple[str, ...]
    schema: str = ""


MUTANTS = {
    "unique-key": Mutant(
        "the same event may be stored twice",
        (
            (
                "lanes/migrations/0001_initial.py",
                'fields=("port", "event_id"), name="arrival_event_once_in_port"',
                'fields=("port", "event_id", "id"), name="arrival_event_once_in_port"',
            ),
            (
                "lanes/services/receive.py",
                "    ON CONFLICT (port_id, event_id) DO NOTHING\n",
                "",
            ),
        ),
        ("doubled", "two answers to one event"),
        "ALTER TABLE lanes_arrival DROP CONSTRAINT arrival_event_once_in_port",
    ),
    "credential-lock": Mutant(
        "the committing statement does not look at the credentials again",
        (
            (
                "lanes/migrations/0009_commit_looks_at_every_lane.py",
                "FROM unnest(ARRAY[p.truck_credential, p.driver_credential]) x(id)",
                "FROM unnest(ARRAY[]::bigint[]) x(id)",
            ),
            (
                "lanes/migrations/0009_commit_looks_at_every_lane.py",
                "                     FROM jsonb_array_elements(proposals) p WHERE p->>'route'"
                " = 'fast')\n      ORDER BY c.id FOR SHARE;",
                "                     FROM jsonb_array_elements(proposals) p WHERE p->>'route'"
                " = 'fast')\n      ORDER BY c.id;",
            ),
        ),
        ("fast after a committed revocation",),
        "FORWARD",
    ),
    "re-nudge": Mutant(
        "the sweep does not ask the workers again",
        (
            (
                SWEEP,
                "        nudger.nudge(port_code)\n",
                "        pass\n",
            ),
        ),
        ("lost nudges are not made good",),
    ),
    "fallback": Mutant(
        "nobody closes an arrival at its deadline",
        (
            (
                "lanes/services/arrive.py",
                "    if decided is None and time.monotonic() >= deadline:\n",
                "    if False:\n",
            ),
            (
                SWEEP,
                "while late := queries.overdue():",
                "while late := []:",
            ),
        ),
        ("no decision at the deadline", "never decided", "lost"),
    ),
    "fail-closed": Mutant(
        "a decision that fails lets the truck go fast",
        (
            (
                "lanes/services/assign.py",
                '            log.exception("decision_failed", arrival=str(arrival.id))\n',
                "            fast = next(\n"
                "                lane.id\n"
                "                for lane in queries.lanes_of(port_code)\n"
                '                if lane.route == "fast" and lane.open\n'
                "            )\n"
                '            decision = Decision(Route.FAST, ("trusted",), fast)\n'
                "            proposals.append(\n"
                "                Proposal(\n"
                "                    arrival.id, decision, facts, policy.version,\n"
                "                    None, Assignment.By.WORKER,\n"
                "                )\n"
                "            )\n",
            ),
        ),
        ("fast though not eligible",),
    ),
    "database-clock": Mutant(
        "arrivals and deadlines are dated by the web process",
        (
            (
                "lanes/services/receive.py",
                "(SELECT clock_timestamp() AS moment) m",
                "(SELECT to_timestamp(%(web_clock)s) AS moment) m",
            ),
            (
                "lanes/services/receive.py",
                '        "device": device.pk,\n        "label"',
                '        "web_clock": __import__("time").time(),\n'
                '        "device": device.pk,\n        "label"',
            ),
        ),
        ("dated by a wrong clock", "fast after the deadline"),
    ),
}


class NoLongerFits(Exception):
    """A mutant's text is not in the source any more, or more than once."""


def apply(mutant: Mutant, root: Path) -> None:
    """Change a copy of the source."""
    for path, old, new in mutant.changes:
        file = root / path
        text = file.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise NoLongerFits(f"{path} has this {text.count(old)} times: {old.strip()[:70]}")
        file.write_text(text.replace(old, new), encoding="utf-8")


def schema(mutant: Mutant, root: Path) -> str:
    """The statement that makes a migrated database what the changed migrations would have made."""
    if mutant.schema != "FORWARD":
        return mutant.schema
    text = (root / mutant.changes[0][0]).read_text(encoding="utf-8")
    return text.partition('FORWARD = r"""')[2].partition('"""')[0]


def copied(mutant: Mutant, root: Path) -> Path:
    """A copy of the project with the mutant in it."""
    shutil.copytree(PROJECT, root, ignore=LEFT_OUT, symlinks=True)
    apply(mutant, root)
    return root
