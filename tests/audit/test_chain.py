"""Six kinds of tampering, done by the database's owner with the triggers off; six found."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import InternalError, connection, connections, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from tests.lanes.conftest import in_threads
from trustedtruck.audit import keys
from trustedtruck.audit import services as audit
from trustedtruck.audit import verify as verifying
from trustedtruck.audit.actors import system
from trustedtruck.audit.chain import CANONICAL, GENESIS, link_hash
from trustedtruck.audit.models import Event, Link
from trustedtruck.audit.sealer import Sealer
from trustedtruck.audit.verify import verify

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def write(count: int, action: str = "device.registered") -> None:
    for n in range(count):
        with transaction.atomic():
            audit.record(action, by=system("test"), subject_kind="device", subject_id=n)


@pytest.fixture
def sealed() -> Sealer:
    """Twenty events, sealed and marked by two checkpoints."""
    write(10)
    Sealer().round(at=timezone.now())
    write(10)
    sealer = Sealer()
    sealer.round(at=timezone.now())
    return sealer


@pytest.fixture
def owner() -> Callable[..., None]:
    """Runs SQL as the database's owner, with every trigger off."""

    def run(sql: str, *parameters: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql, parameters)

    return run


def kinds() -> set[str]:
    return {finding.kind for finding in verify().findings}


def test_an_untouched_chain_is_whole(sealed: Sealer) -> None:
    verdict = verify()
    assert verdict.ok, verdict.findings
    assert (verdict.sealed, verdict.unsealed, verdict.checkpoints) == (20, 0, 2)


def test_young_events_are_not_yet_sealed(sealed: Sealer) -> None:
    write(3)
    verdict = verify()
    assert verdict.ok
    assert (verdict.sealed, verdict.unsealed) == (20, 3)
    sealer = Sealer()
    assert sealer.round(at=timezone.now()) == 3
    assert verify().unsealed == 0


def test_an_edit_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    owner("UPDATE audit_event SET actor_id = 'somebody-else' WHERE subject_id = '4'")
    assert kinds() == {verifying.EDIT}


def test_a_deletion_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    victim = Link.objects.get(position=7).event_id
    owner("DELETE FROM audit_event WHERE id = %s", victim)
    assert kinds() == {verifying.DELETION}


def test_a_deletion_with_its_link_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    victim = Link.objects.get(position=7).event_id
    owner("DELETE FROM audit_event WHERE id = %s", victim)
    owner("DELETE FROM audit_link WHERE position = 7")
    assert verifying.DELETION in kinds()


def test_an_insertion_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    first = Event.objects.order_by("id")[0].pk
    owner(
        "INSERT INTO audit_event (id, at, action, actor_kind, actor_id, subject_kind, subject_id)"
        " VALUES (%s, now() - interval '1 day', 'key.revoked', 'user', '1', 'key', 'x')",
        first - 1,
    )
    sealer = Sealer()
    sealer.round(at=timezone.now())
    assert kinds() == {verifying.INSERTION}


def test_a_backdated_event_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    """One that takes its place at the end, and so its link, but says that it is of yesterday."""
    owner(
        "INSERT INTO audit_event (at, action, actor_kind, actor_id, subject_kind, subject_id)"
        " VALUES (now() - interval '1 day', 'key.revoked', 'user', '1', 'key', 'x')"
    )
    assert Sealer().round(at=timezone.now()) == 1
    assert kinds() == {verifying.INSERTION}


def test_a_reordering_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    a, b = (Link.objects.get(position=n).event_id for n in (5, 6))
    owner("UPDATE audit_event SET id = -1 WHERE id = %s", a)
    owner("UPDATE audit_event SET id = %s WHERE id = %s", a, b)
    owner("UPDATE audit_event SET id = %s WHERE id = -1", b)
    assert kinds() == {verifying.REORDERING}


def test_a_cut_tail_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    gone = list(Link.objects.filter(position__gt=15).values_list("event_id", flat=True))
    owner("DELETE FROM audit_event WHERE id = ANY(%s)", gone)
    owner("DELETE FROM audit_link WHERE position > 15")
    assert kinds() == {verifying.CUT_TAIL}


def test_a_rewrite_by_the_owner_is_found(sealed: Sealer, owner: Callable[..., None]) -> None:
    """One event is changed and the whole chain after it computed anew, as the owner can."""
    owner("UPDATE audit_event SET actor_id = 'somebody-else' WHERE subject_id = '4'")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.position, {CANONICAL} FROM audit_link l"
            " JOIN audit_event e ON e.id = l.event_id ORDER BY l.position"
        )
        rows = cursor.fetchall()
    link = GENESIS
    for position, *row in rows:
        link = link_hash(link, row)
        owner("UPDATE audit_link SET hash = %s WHERE position = %s", link, position)
    assert kinds() == {verifying.REWRITE}


def test_a_public_key_that_was_never_written_is_written(sealed: Sealer) -> None:
    """The process that made the key ended between its two files."""
    public = Path(settings.KEYSTORE_DIR) / keys.PUBLIC
    whole = public.read_text()
    public.unlink()
    assert kinds() == {verifying.CHECKPOINT}
    keys._signing_key.cache_clear()
    Sealer().round(at=timezone.now())
    assert public.read_text() == whole
    assert verify().ok


def test_a_forged_checkpoint_is_found(sealed: Sealer, home: Path) -> None:
    (path,) = (home / "checkpoints").iterdir()
    lines = path.read_text().splitlines()
    forged = json.loads(lines[-1]) | {"position": 19}
    path.write_text("\n".join([lines[0], json.dumps(forged, sort_keys=True)]) + "\n")
    assert kinds() == {verifying.CHECKPOINT}


def test_a_missing_checkpoint_in_the_middle_is_found(home: Path) -> None:
    for _ in range(3):
        write(1)
        Sealer().round(at=timezone.now())
    (path,) = (home / "checkpoints").iterdir()
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[2]]) + "\n")
    assert kinds() == {verifying.CHECKPOINT}


def test_a_half_written_line_is_no_tampering(sealed: Sealer, home: Path) -> None:
    (path,) = (home / "checkpoints").iterdir()
    with path.open("a") as file:
        file.write('{"position": 2')
    Sealer().round(at=timezone.now())
    assert verify().ok
    assert verify().checkpoints == 3


@pytest.mark.parametrize("table", ["audit_event", "audit_link"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET hash = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_tables_are_append_only(sealed: Sealer, table: str, sql: str) -> None:
    sql = sql.format(table)
    if table == "audit_event":
        sql = sql.replace("hash = ''", "id = 0")
    refused = pytest.raises((IntegrityError, InternalError), match="append-only")
    with refused, connection.cursor() as cursor:
        cursor.execute(sql)


def test_what_commits_late_is_sealed_too() -> None:
    """An id drawn early and committed late, behind others that are sealed already."""
    other = connections.create_connection("default")
    sealer = Sealer()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_event (action, actor_kind, actor_id, subject_kind, subject_id)"
                " VALUES ('device.registered', 'system', 'late', 'device', '1')"
            )
        write(5)
        assert sealer.round(at=timezone.now()) == 5
        other.commit()
        assert sealer.round(at=timezone.now()) == 1
    finally:
        other.close()
    assert verify().ok
    assert verify().unsealed == 0


def test_two_sealers_make_one_chain() -> None:
    write(50)
    in_threads(4, lambda _n: Sealer().round(at=timezone.now()))
    Sealer().round(at=timezone.now())
    verdict = verify()
    assert verdict.ok, verdict.findings
    assert verdict.sealed == 50


def test_the_command_says_it_in_json(sealed: Sealer, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert found["sealed"] == 20


def test_the_command_ends_with_1_when_something_is_wrong(
    sealed: Sealer, owner: Callable[..., None]
) -> None:
    owner("UPDATE audit_event SET at = at - interval '1 hour' WHERE subject_id = '4'")
    with pytest.raises(SystemExit):
        call_command("verify_audit")


def test_checkpoints_are_at_most_ten_seconds_apart(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock moves half a second a round, as the sealer's loop does."""
    clock = [1000.0]
    monkeypatch.setattr("trustedtruck.audit.sealer.time.monotonic", lambda: clock[0])
    sealer, at = Sealer(), timezone.now()
    for n in range(60):
        if n == 20:
            write(1)
        sealer.round(at=at + timedelta(seconds=n / 2))
        clock[0] += 0.5
    lines = next((home / "checkpoints").iterdir()).read_text().splitlines()
    marks = [json.loads(line)["at"] for line in lines]
    assert len(marks) >= 4
    instants = [datetime.fromisoformat(mark) for mark in marks]
    assert all(b - a <= timedelta(seconds=10) for a, b in pairwise(instants))
