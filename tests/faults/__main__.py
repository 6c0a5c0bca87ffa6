"""`python -m tests.faults`: run campaigns, or look whether every mutant is caught."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.faults import mutants
from tests.running import PROJECT
from tests.system.installation import Installation

OWN_MOUNTS = "FAULTS_OWN_MOUNTS"
DISK = "1500m"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--seconds", type=float, default=60, help="of each campaign, about")
    parser.add_argument("--rate", type=float, default=4, help="trucks a second")
    parser.add_argument("--healthy", action="store_true", help="break nothing: speed and memory")
    parser.add_argument("--keep", type=Path, help="where histories and reports go")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--home", type=Path, help="an installation's home of an earlier campaign")
    parser.add_argument("--mutants", action="store_true", help="every mutant must be caught")
    parser.add_argument("--mutant", choices=sorted(mutants.MUTANTS), action="append")
    parser.add_argument("--sql", default="", help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, default=PROJECT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    _on_a_disk_of_its_own()
    keep = options.keep or Path(tempfile.mkdtemp(prefix="tt-faults-"))
    if options.mutants or options.mutant:
        sys.exit(_mutants(options, keep))
    sys.exit(_campaigns(options, keep))


def _on_a_disk_of_its_own() -> None:
    """Go on in a private mount namespace, so that a campaign can fill a disk. Needs root."""
    if OWN_MOUNTS in os.environ or os.geteuid() != 0:
        return
    able = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    if able.returncode == 0:
        os.environ[OWN_MOUNTS] = "1"
        again = [sys.executable, "-m", "tests.faults", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", *again])  # noqa: S606


def _home_for(options: argparse.Namespace) -> Path:
    """An empty home, or a copy of an earlier campaign's; on a small disk of memory if possible."""
    home = Path(tempfile.mkdtemp(prefix="tt-faults-home-")) / "home"
    home.mkdir()
    if OWN_MOUNTS in os.environ:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(home)], check=True
        )
    if options.home is not None:
        shutil.copytree(
            options.home, home, symlinks=True, dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("lock", "*.pid"),
        )  # fmt: skip
    return home


def _campaigns(options: argparse.Namespace, keep: Path) -> int:
    """Every seed on one installation; 0 when all are good."""
    home = _home_for(options)
    wishes = home.with_suffix(".wishes")
    wishes.mkdir()
    installation = Installation(
        home,
        source=options.source,
        FAULTS_WISHES=str(wishes),
        PYTHONPATH=str(PROJECT / "tests" / "faults" / "inside"),
    )
    try:
        # A home of an earlier campaign has its trucks already.
        known = ["--no-demo"] if (home / "demo.json").exists() else []
        installation.start(*known, within=400)
        from tests.faults import campaign

        campaign.connect(installation)
        if options.sql:
            campaign.change_schema(options.sql)
        reports = []
        for seed in options.seed:
            report = campaign.run(
                installation,
                seed=seed,
                seconds=options.seconds,
                rate=options.rate,
                keep=keep,
                healthy=options.healthy,
            )
            reports.append(report)
            if not options.json:
                _print(report.as_json(), keep)
    finally:
        with suppress(subprocess.TimeoutExpired):
            installation.stop()
    body = [report.as_json() for report in reports]
    (keep / "report.json").write_text(json.dumps(body, indent=2), encoding="utf-8")
    if options.json:
        sys.stdout.write(json.dumps(body) + "\n")
    return 0 if all(report.verdict.good for report in reports) else 1


def _print(report: dict[str, object], keep: Path) -> None:
    counts = report["counts"]
    assert isinstance(counts, dict)
    word = "good" if report["good"] else "BROKEN"
    sys.stdout.write(f"seed {report['seed']}: {word}; history in {keep}\n")
    for name, value in counts.items():
        sys.stdout.write(f"  {name:<36} {value}\n")
    sys.stdout.write(f"  slowest answer                       {report['slowest_answer_s']} s\n")
    sys.stdout.write(f"  memory before and after, MB          {report['memory_mb']}\n")
    sys.stdout.write(
        f"  memory grows, MB an hour             {report['memory_growth_mb_an_hour']}\n"
    )
    sys.stdout.write(f"  load of the machine                  {report['load']}\n")
    for name in report["failed_faults"]:  # type: ignore[attr-defined]
        sys.stdout.write(f"  a fault that failed: {name}\n")
    for rule, events in report["violations"].items():  # type: ignore[attr-defined]
        sys.stdout.write(f"  BROKEN RULE {rule}: {', '.join(events[:3])}\n")
    sys.stdout.flush()


def _mutants(options: argparse.Namespace, keep: Path) -> int:
    """Each in a copy of the source, seed after seed until the checker notices; 0 when all are."""
    missed = []
    for name in options.mutant or mutants.MUTANTS:
        mutant = mutants.MUTANTS[name]
        root = Path(tempfile.mkdtemp(prefix=f"tt-mutant-{name}-")) / "source"
        mutants.copied(mutant, root)
        caught = _caught(mutant, root, options, keep / name)
        sys.stdout.write(f"{name}: {mutant.text}: {caught or 'NOT CAUGHT'}\n")
        sys.stdout.flush()
        if not caught:
            missed.append(name)
    return 1 if missed else 0


def _home(mutant: mutants.Mutant, root: Path, home: Path | None) -> list[str]:
    """A home that was migrated before needs what the mutant's migration would have made."""
    return ["--home", str(home), "--sql", mutants.schema(mutant, root)] if home else []


def _caught(mutant: mutants.Mutant, root: Path, options: argparse.Namespace, keep: Path) -> str:
    for seed in options.seed[:3]:
        subprocess.run(
            [sys.executable, "-m", "tests.faults", "--seed", str(seed), "--json",
             "--seconds", "0", "--rate", str(options.rate), "--keep", str(keep),
             "--source", str(root), *_home(mutant, root, options.home)],
            cwd=root, check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            (report,) = json.loads((keep / "report.json").read_text())
        except OSError:
            continue
        rules = [rule for rule in report["broken"] if rule in mutant.caught_by]
        if rules:
            return f"caught with seed {seed}: {', '.join(rules)}"
    return ""


if __name__ == "__main__":
    main()
