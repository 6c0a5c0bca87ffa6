"""The files under deploy/ run what `manage.py run` runs, and name settings that there are."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import load_command_class

from trustedtruck.core.embedded.home import Home
from trustedtruck.core.embedded.stack import commands, options_from
from trustedtruck.core.reference.settings import written

DEPLOY = Path(settings.BASE_DIR) / "deploy"
# The drop-in with what they have in common is a folder and bears a similar name.
UNITS = {path.name: path for path in (DEPLOY / "systemd").glob("*.service") if path.is_file()}
BACKUP = "trustedtruck-backup.service"
# What each installation has of its own.
OWN = {"--bind", "--schedule", "--hostname"}


def plain(arguments: list[str]) -> list[str]:
    """A command without what differs from place to place."""
    kept, own = [], False
    for argument in arguments:
        if not own and argument not in OWN:
            kept.append(argument)
        own = argument in OWN
    return [re.sub(r"^.*/(python[\d.]*|manage\.py)$", r"\1", word) for word in kept]


def unit_of(process: str) -> str:
    """What a truck waits for runs twice."""
    return f"trustedtruck-{process}{'@' if process in ('web', 'worker') else ''}.service"


def started(unit: str) -> list[str]:
    found = re.search(r"^ExecStart=(.*)$", UNITS[unit].read_text(), re.M)
    assert found
    return shlex.split(found[1])


def keys(unit: str) -> set[str]:
    return set(re.findall(r"^(\w+)=", unit, re.M))


PROCESSES = commands(
    Home(Path("/home")),
    options_from(
        {}, demo=False, traffic=False, web_threads=settings.WEB_THREADS + settings.EVENT_STREAMS
    ),
)


def test_there_is_a_unit_for_every_process_and_for_nothing_else() -> None:
    assert UNITS.keys() - {BACKUP} == {unit_of(process) for process in PROCESSES}


def test_the_night_s_backup_calls_a_command_that_there_is() -> None:
    _python, _manage, command, *arguments = started(BACKUP)
    parser = load_command_class("trustedtruck.core", command).create_parser("manage.py", command)
    assert parser.parse_args(arguments).path == Path("/var/backups/trustedtruck")
    assert "ReadWritePaths=/var/backups/trustedtruck\n" in UNITS[BACKUP].read_text()


def test_a_unit_says_nothing_that_all_say_together() -> None:
    shared = DEPLOY / "systemd" / "trustedtruck-.service.d" / "common.conf"
    # The one line that adds to what stands there instead of saying it again.
    said = {name for name in keys(shared.read_text()) if name != "ReadWritePaths"}
    assert {name: said & keys(path.read_text()) for name, path in UNITS.items()} == {
        name: set() for name in UNITS
    }


@pytest.mark.parametrize("process", PROCESSES)
def test_a_unit_comes_back_whatever_ended_it(process: str) -> None:
    shared = (DEPLOY / "systemd" / "trustedtruck-.service.d" / "common.conf").read_text()
    assert "\nStartLimitIntervalSec=0\n" in shared
    assert "\nRestart=always\n" in UNITS[unit_of(process)].read_text()


@pytest.mark.parametrize("process", PROCESSES)
def test_a_unit_starts_what_make_run_starts(process: str) -> None:
    ours = [re.sub(r"^python[\d.]*$", "python", word) for word in plain(PROCESSES[process])]
    assert plain(started(unit_of(process))) == ours
    assert f"TRUSTEDTRUCK_PROCESS={process}\n" in UNITS[unit_of(process)].read_text()


def test_the_target_and_the_upgrade_name_every_unit() -> None:
    target = (DEPLOY / "systemd" / "trustedtruck.target").read_text()
    upgrade = (DEPLOY / "upgrade").read_text()
    for process in PROCESSES:
        wanted = re.findall(rf"trustedtruck-{process}(?:@\d+)?\.service", target)
        assert len(wanted) == (2 if unit_of(process).endswith("@.service") else 1), process
        assert re.search(rf"\b{process}\b", upgrade), process


def test_the_environment_names_settings_that_there_are() -> None:
    names = re.findall(r"^([A-Z_]+)=", (DEPLOY / "environment").read_text(), re.M)
    known = written()
    assert [name for name in names if f"| `{name}` |" not in known] == []
