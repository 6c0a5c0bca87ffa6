"""The campaign itself: its checker finds what it should, its mutants fit, a short one is good."""

import json
import os
import random
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lanes.rules.decision import decide
from lanes.rules.policy import Policy
from tests.faults import mutants, nemesis
from tests.faults.campaign import Memory, memory
from tests.faults.checker import OF_SPEED, judge
from tests.faults.proxy import Line, Proxy
from tests.lanes.facts import TRUSTED_FACTS
from tests.running import PROJECT

Entry = dict[str, Any]


def _history(event: str = "e", *, route: str = "fast", **answer: Any) -> list[Entry]:
    """One truck that came, was answered and executed."""
    said = {
        "outcome": "ok", "status": 200, "seconds": 0.1, "state": "assigned", "route": route,
        "id": "a1", "lane": {"code": "01"},
    } | answer  # fmt: skip
    return [
        {"at": 1.0, "kind": "invoke", "event": event, "eligible": True, "wall": 1000.0},
        {"at": 1.1, "kind": "execute", "event": event, "route": route},
        {"at": 1.1, "kind": "answer", "event": event, **said},
    ]


def _row(event: str = "e", **changes: Any) -> Entry:
    return {
        "event": event, "received_at": 1000.0, "deadline_at": 1001.5, "assignments": 1,
        "route": "fast", "decided_at": 1000.2, "credential": 7, "executed": "fast",
    } | changes  # fmt: skip


def _rules(history: list[Entry], truth: list[Entry]) -> set[str]:
    return set(judge(history, truth).violations)


def test_a_good_history_is_good() -> None:
    assert _rules(_history(), [_row()]) == set()


@pytest.mark.parametrize(("history", "truth", "rule"), [
    (_history(), [], "lost"),
    (_history(), [_row(), _row()], "doubled"),
    (_history(), [_row(assignments=2)], "doubled"),
    (_history(), [_row(assignments=0, route=None, decided_at=None)], "never decided"),
    (_history(seconds=2.2), [_row()], "answered late"),
    (_history(status=500, outcome="fail"), [_row()], "server error"),
    (_history(status=0, outcome="unknown"), [_row()], "not answered, healthy"),
    (_history(state="waiting"), [_row()], "no decision at the deadline"),
    ([*_history(), *_history(route="inspection")[2:]], [_row()], "two answers to one event"),
    (_history(), [_row(route="inspection")], "fast without a decision"),
    (_history(), [_row(decided_at=1002.0)], "fast after the deadline"),
    (_history(), [_row(executed="inspection")], "executed and recorded disagree"),
    (_history(), [_row(executed=None)], "executed and recorded disagree"),
    (_history(), [_row(received_at=8200.0)], "dated by a wrong clock"),
    ([{"at": 0.5, "kind": "suspended", "credential": 7, "from": 1000.1, "until": 1003.0},
      *_history()], [_row()], "fast after a committed revocation"),
    ([_history()[0] | {"eligible": False}, *_history()[1:]], [_row()], "fast though not eligible"),
])  # fmt: skip
def test_the_checker_finds(history: list[Entry], truth: list[Entry], rule: str) -> None:
    assert rule in _rules(history, truth)


def test_who_is_not_answered_while_something_is_broken_is_no_wonder() -> None:
    fault = {"at": 0.9, "kind": "fault", "name": "x", "ended": 2.0}
    assert _rules([fault, *_history(status=0, outcome="unknown")], [_row()]) == set()


def test_the_trucks_of_a_burst_are_counted() -> None:
    history = [
        entry | ({"probe": "burst"} if entry["kind"] == "invoke" else {}) for entry in _history()
    ]
    counts = judge(history, [_row()]).counts
    assert (counts["burst"], counts["burst, answered"]) == (1, 1)


def test_a_suspension_that_was_lifted_is_no_reason() -> None:
    lifted = {"at": 0.5, "kind": "suspended", "credential": 7, "from": 900.0, "until": 999.0}
    assert _rules([lifted, *_history()], [_row()]) == set()


@pytest.mark.parametrize(("fault", "rules"), [
    (None, {"too few fast, healthy"}),
    ({"at": 0.5, "kind": "fault", "name": "x", "ended": 1.0}, set()),
    ({"at": -50.0, "kind": "fault", "name": "x", "ended": -40.0}, {"too few fast, recovered"}),
])  # fmt: skip
def test_too_few_fast_trucks_count_where_nothing_is_broken(
    fault: Entry | None, rules: set[str]
) -> None:
    events = [f"e{n}" for n in range(100)]
    routes = ["inspection" if n < 5 else "fast" for n in range(100)]
    history = [entry for e, r in zip(events, routes, strict=True) for entry in _history(e, route=r)]
    truth = [_row(e, route=r, executed=r) for e, r in zip(events, routes, strict=True)]
    assert _rules([fault, *history] if fault else history, truth) == rules


def test_lost_nudges_must_be_made_good() -> None:
    for lost, rules in ((1, set()), (2, {"lost nudges are not made good"})):
        routes = ["inspection"] * lost + ["fast"] * (3 - lost)
        history = [
            entry | ({"probe": "nudge"} if entry["kind"] == "invoke" else {})
            for n, route in enumerate(routes)
            for entry in _history(f"e{n}", route=route)
        ]
        truth = [_row(f"e{n}", route=route, executed=route) for n, route in enumerate(routes)]
        assert _rules(history, truth) == rules


def test_a_seed_gives_the_same_plan_with_every_probe() -> None:
    one, other = (nemesis.plan(random.Random(5), 600) for _ in range(2))
    assert one == other
    names = [name for pair in one for name in pair]
    assert names[0] == nemesis.FIRST
    assert set(nemesis.PROBES) < set(names)
    assert set(nemesis.SINGLE) <= set(names)
    assert any(len(pair) == 2 for pair in one)
    assert all(len(set(pair)) == len(pair) for pair in one)
    assert all(
        hasattr(nemesis.Nemesis, name)
        for name in nemesis.SINGLE + nemesis.PROBES + (nemesis.FIRST,)
    )


def test_the_broken_policy_breaks_decisions_that_would_end_well_but_for_the_weight() -> None:
    """Else the mutant of the failed decision would be harmless, and nobody would know."""
    seen = TRUSTED_FACTS.seen
    assert seen.gross_weight_kg
    heavy = replace(seen, gross_weight_kg=nemesis.TOO_HEAVY * seen.gross_weight_kg)
    facts = replace(TRUSTED_FACTS, seen=heavy)
    good = Policy(1, sampling_by_tier={})
    assert decide(facts, good, None).reasons == ("weight_disagrees",)
    broken = Policy.from_json(2, good.as_json() | nemesis.BROKEN_POLICY)
    with pytest.raises(TypeError):
        decide(facts, broken, None)


@pytest.mark.parametrize("name", sorted(mutants.MUTANTS))
def test_every_mutant_still_fits_the_source(name: str, tmp_path: Path) -> None:
    for path in {change[0] for change in mutants.MUTANTS[name].changes}:
        copy = tmp_path / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((PROJECT / path).read_text())
    mutants.apply(mutants.MUTANTS[name], tmp_path)
    with pytest.raises(mutants.NoLongerFits):
        mutants.apply(mutants.MUTANTS[name], tmp_path)


def test_the_proxy_does_what_its_modes_say() -> None:
    import threading

    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            client, _address = listening.accept()
            client.recv(100)
            client.sendall(b"0123456789")
            client.close()

    threading.Thread(target=answer, daemon=True).start()
    proxy = Proxy(listening.getsockname()[1])

    def ask(mode: str) -> bytes:
        proxy.mode = mode
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=1.5) as client:
            client.sendall(b"hello")
            found = b""
            while data := client.recv(100):
                found += data
            return found

    assert ask("plain") == b"0123456789"
    assert ask("slow") == b"0123456789"
    for mode, error in (("reset", ConnectionResetError), ("silent", TimeoutError)):
        with pytest.raises(error):
            ask(mode)
    with pytest.raises(ConnectionResetError):
        ask("half")
    proxy.close()


@pytest.mark.parametrize("mode", ["plain", "slow", "reset", "silent", "half"])
def test_a_line_between_processes_breaks_for_what_goes_on_already(mode: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    line = Line(listening.getsockname()[1])
    with socket.create_connection(("127.0.0.1", line.port), timeout=1.0) as client:
        server, _address = listening.accept()
        server.settimeout(1.0)
        with server:
            for text in (b"before", b"question"):
                line.mode = "plain" if text == b"before" else mode
                with suppress(OSError):
                    client.sendall(text)
                    if server.recv(100):
                        server.sendall(b"0123456789")
                if text == b"before":
                    assert client.recv(100) == b"0123456789"
            if mode in ("plain", "slow"):
                assert client.recv(100) == b"0123456789"
            elif mode == "half":
                assert client.recv(100) == b"01234"
            elif mode == "reset":
                with pytest.raises(ConnectionResetError):
                    assert client.recv(100) != b""
            else:
                with pytest.raises(TimeoutError):
                    client.recv(100)
    line.close()


def test_memory_that_grows_is_told_from_noise() -> None:
    used = Memory.__new__(Memory)
    used.samples = [(10.0 * n, 900 + 10 * n * 6 / 3600 + n % 5) for n in range(120)]
    growth = used.growth()
    assert growth is not None
    assert 5 < growth < 7
    used.samples = used.samples[:40]
    assert used.growth() is None


def test_memory_is_what_the_processes_hold(tmp_path: Path) -> None:
    held = bytearray(50_000_000)
    held[::4096] = b"x" * len(held[::4096])
    told = SimpleNamespace(pids=lambda name: [os.getpid()] if name == "web" else [])
    before = memory(told)  # type: ignore[arg-type]
    del held
    assert 40 < before - memory(told) < 60  # type: ignore[arg-type]


def test_what_a_mutant_changes_is_what_holds_in_the_end() -> None:
    """A later migration that says `lanes_commit` anew would make the mutant harmless."""
    changed = {path for path, _old, _new in mutants.MUTANTS["credential-lock"].changes}
    folder = PROJECT / "lanes" / "migrations"
    saying = [
        f"lanes/migrations/{path.name}"
        for path in sorted(folder.glob("0*.py"))
        if "FUNCTION lanes_commit(" in path.read_text()
    ]
    assert changed == {saying[-1]}


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_a_short_campaign_breaks_no_rule(tmp_path: Path) -> None:
    """One seed here; `make faults` runs as many and as long as one likes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--seed", "1", "--seconds", "45", "--json",
         "--keep", str(tmp_path)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (report,) = json.loads((tmp_path / "report.json").read_text())
    assert set(report["broken"]) <= OF_SPEED, report
    assert report["counts"]["trucks"] > 100, done.stderr
    again = subprocess.run(
        [sys.executable, "-m", "tests.faults.checker", tmp_path / "history-1.jsonl",
         tmp_path / "truth-1.jsonl"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (again.stdout == "good\n") == report["good"]
    if max(report["load"]) <= 2 * (os.cpu_count() or 1):
        # Where others use the machine as well, what depends on its speed proves nothing.
        assert report["broken"] == {}, report
        assert done.returncode == 0
