"""The draws: committed before the shift, the same for the same truck, recomputed by anybody."""

import hashlib
import hmac
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lanes import draws, queries
from lanes.models import Assignment, Shift
from lanes.queries import port as kept
from lanes.services import shifts
from lanes.services.policies import approve_policy, draft_policy
from lanes.tasks import tend_shifts
from tests.cast import PORT, TESTER, Cast
from tests.lanes.conftest import Gate, in_threads
from tests.lanes.facts import TRUSTED_FACTS, with_
from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import Event
from trustedtruck.core.sealing import unseal

Decide = Callable[[], int]
SEED = bytes(range(32))


def verify(shift_of: datetime | None = None) -> Any:
    out = io.StringIO()
    at = (shift_of or timezone.now()).isoformat()
    call_command("draws", "verify", "--port", PORT, "--shift", at, "--json", stdout=out)
    return json.loads(out.getvalue())


def part_files() -> list[Path]:
    return sorted((Path(settings.KEYSTORE_DIR) / "shifts").glob("*"))


@pytest.fixture
def past(cast: Cast) -> Shift:
    """A shift of two days ago whose seed nobody has published yet."""
    ago = timezone.now() - timedelta(days=2)
    return shifts.commit_shift(port_code=PORT, shift_of=ago, by=TESTER, at=ago - timedelta(hours=9))


def test_a_draw_is_the_hmac_of_the_seed_over_the_truck() -> None:
    digest = hmac.new(SEED, b"truck:1", hashlib.sha256).digest()
    assert draws.draw(TRUSTED_FACTS, SEED) == (int.from_bytes(digest[:8]) >> 11) / 2**53
    assert draws.draw(TRUSTED_FACTS, None) is None


def test_presenting_a_truck_differently_does_not_change_its_draw() -> None:
    same = with_(seen={"plate_number": "OTHER", "tag_epc": "", "observed_at": 0.0}, driver=None)
    assert draws.draw(same, SEED) == draws.draw(TRUSTED_FACTS, SEED)
    stranger = with_(truck=None)
    assert draws.identity(stranger) == f"tag:{TRUSTED_FACTS.seen.tag_epc}"
    assert draws.identity(with_(stranger, seen={"tag_epc": ""})) == "plate:TX:ABC123"


def test_draws_are_spread_evenly() -> None:
    found = [draws.draw(with_(truck={"id": n}), SEED) or 0.0 for n in range(20_000)]
    assert max(found) < 1
    counts = [sum(d < (k + 1) / 10 for d in found) for k in range(10)]
    assert all(abs(count - 2000 * (k + 1)) < 350 for k, count in enumerate(counts))


def test_another_part_another_shift_or_another_port_gives_another_seed() -> None:
    one, two = bytes(32), bytes(31) + b"1"
    seeds = {
        draws.combine("2304", 0, one, one),
        draws.combine("2304", 0, one, two),
        draws.combine("2304", 0, two, one),
        draws.combine("2304", 28_800, one, one),
        draws.combine("2506", 0, one, one),
    }
    assert len(seeds) == 5


def test_shifts_are_equal_parts_of_the_day() -> None:
    at = datetime(2026, 3, 1, 17, 59, tzinfo=UTC)
    start, end = shifts.shift_at(at)
    assert (start.hour, end - start) == (16, timedelta(hours=8))
    assert shifts.shift_at(end)[0] == end


@pytest.mark.parametrize(("before", "after"), [(8, 6), (6, 8), (8, 12), (24, 1)])
def test_shifts_of_another_length_follow_those_committed_to(
    cast: Cast, settings: Any, before: int, after: int
) -> None:
    """No instant lies in two shifts, nor in none."""
    now = datetime(2026, 3, 1, 3, 30, tzinfo=UTC)
    settings.LANES_SHIFT_HOURS = before
    shifts.commit_ahead(by=TESTER, at=now)
    settings.LANES_SHIFT_HOURS = after
    later = now + timedelta(hours=21)
    shifts.commit_ahead(by=TESTER, at=later)
    found = list(Shift.objects.filter(port=PORT).order_by("starts_at"))
    for one, following in pairwise(found):
        assert one.ends_at == following.starts_at
    assert found[0].starts_at <= now
    assert found[-1].ends_at >= later + shifts.AHEAD
    lengths = {shift.ends_at - shift.starts_at for shift in found}
    assert {timedelta(hours=before), timedelta(hours=after)} <= lengths


def test_the_seed_lies_in_two_places(past: Shift) -> None:
    row_alone = bytes.fromhex(unseal(past.sealed_part))
    file = Path(settings.KEYSTORE_DIR) / "shifts" / past.part_file
    assert file.stat().st_mode & 0o777 == 0o600
    seed = shifts.seed_of(past)
    assert draws.commitment(seed) == bytes(past.commitment)
    assert row_alone not in (seed, file.read_bytes())
    assert row_alone.hex() not in past.sealed_part
    draws.open_seed.cache_clear()
    file.unlink()
    with pytest.raises(draws.SeedUnavailable):
        shifts.seed_of(past)


def test_commitments_are_made_a_day_ahead_and_seeds_published_after(cast: Cast) -> None:
    ago = timezone.now() - timedelta(days=2)
    old = shifts.commit_shift(port_code=PORT, shift_of=ago, by=TESTER, at=ago)
    tend_shifts()
    ahead = Shift.objects.filter(starts_at__gt=timezone.now())
    assert ahead.count() == 3
    assert all(shift.committed_in_time and shift.seed is None for shift in ahead)
    old.refresh_from_db()
    assert old.seed is not None
    assert hashlib.sha256(bytes(old.seed)).digest() == bytes(old.commitment)
    assert not (Path(settings.KEYSTORE_DIR) / "shifts" / old.part_file).exists()
    before = Shift.objects.count()
    tend_shifts()
    assert Shift.objects.count() == before
    assert Event.objects.filter(action="shift.revealed").count() == 1


def test_eight_makers_at_once_make_one_shift(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A place of its own: tests that run beside this one leave parts in the usual one.
    monkeypatch.setattr(settings, "KEYSTORE_DIR", tmp_path)
    now = timezone.now()
    made = in_threads(
        8, lambda _n: shifts.commit_shift(port_code=PORT, shift_of=now, by=TESTER, at=now).pk
    )
    assert len(set(made)) == 1
    assert len(part_files()) == 1
    assert shifts.seed_of(Shift.objects.get())
    assert Event.objects.filter(action="shift.committed").count() == 1


def test_a_worker_makes_the_shift_that_nobody_made(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    assert not Shift.objects.exists()
    decide_now()
    assert Shift.objects.count() == 1
    assert not Shift.objects.get().committed_in_time
    assert verify()["checked"] == 1


def test_the_same_truck_gets_the_same_draw_within_a_shift(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    for change in ({}, {"driver_card": None}, {"plate": {"number": "X1", "jurisdiction": "TX"}}):
        gate.arrive(cast.arrival(**change), "respond-async")
        decide_now()
    assert len(set(Assignment.objects.values_list("draw", flat=True))) == 1


def test_a_batch_needs_no_query_more_for_its_draws(
    cast: Cast, gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT_SECONDS", 60.0)
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    counts = []
    for size in (1, 8):
        for _ in range(size):
            gate.arrive(cast.arrival(), "respond-async")
        with CaptureQueriesContext(
            connection,
        ) as found:
            decide_now()
        counts.append(len(found))
        assert not any("lanes_shift" in (q["sql"] or "") for q in found.captured_queries)
    assert counts[0] == counts[1]


def test_without_its_second_part_every_truck_that_could_be_drawn_is_inspected(
    cast: Cast, gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"sampling_by_tier": {"1": 0.0, "2": 0.0, "3": 1e-6}, "fast_filing_minutes": 0}
    policy = draft_policy(port=cast.port, body=body, by=Actor("user", "3"), at=timezone.now())
    approve_policy(policy=policy, by=Actor("user", "4"), at=timezone.now())
    monkeypatch.setattr(settings, "KEYSTORE_PASSPHRASE", "")
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    answer = gate.get(location).json()
    assert [r["code"] for r in answer["reasons"]] == ["drawn_at_random"]
    assert Assignment.objects.get().draw is None
    shifts._failed.clear()


def exchange(shift: Shift) -> None:
    """Somebody with keystore and passphrase puts another part in the place of the second one."""
    path = Path(settings.KEYSTORE_DIR) / "shifts" / shift.part_file
    other = draws.keep_part(draws.new_part())
    path.write_bytes(path.with_name(other).read_bytes())
    draws.drop_part(other)
    draws.open_seed.cache_clear()


def test_with_an_exchanged_part_every_truck_that_could_be_drawn_is_inspected(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    """Whoever chose that part would know every draw."""
    body = {"sampling_by_tier": {"1": 0.0, "2": 0.0, "3": 1e-6}, "fast_filing_minutes": 0}
    policy = draft_policy(port=cast.port, body=body, by=Actor("user", "3"), at=timezone.now())
    approve_policy(policy=policy, by=Actor("user", "4"), at=timezone.now())
    now = timezone.now()
    exchange(shifts.commit_shift(port_code=PORT, shift_of=now, by=TESTER, at=now))
    location = gate.arrive(cast.arrival(), "respond-async")["Location"]
    decide_now()
    assert [r["code"] for r in gate.get(location).json()["reasons"]] == ["drawn_at_random"]
    assert Assignment.objects.get().draw is None
    with pytest.raises(CommandError, match="not the seed that was committed to"):
        verify()
    shifts._failed.clear()


def test_an_exchanged_part_keeps_no_other_shift_from_its_commitment(past: Shift) -> None:
    exchange(past)
    tend_shifts()
    past.refresh_from_db()
    assert past.seed is None
    assert Shift.objects.filter(starts_at__gt=timezone.now()).count() == 3


def test_a_missing_file_is_asked_for_once_in_a_while_not_once_a_truck(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT_SECONDS", 60.0)
    now = timezone.now()
    shift = shifts.commit_shift(port_code=PORT, shift_of=now, by=TESTER, at=now)
    draws.drop_part(shift.part_file)
    draws.open_seed.cache_clear()
    assert shifts.seed_for(PORT, now.timestamp()) is None
    with CaptureQueriesContext(connection) as found:
        assert [shifts.seed_for(PORT, now.timestamp()) for _ in range(20)] == [None] * 20
    assert len(found) == 0
    shifts._failed.clear()


def test_a_seed_is_not_revealed_before_its_shift_is_over(cast: Cast) -> None:
    now = timezone.now()
    shift = shifts.commit_shift(port_code=PORT, shift_of=now, by=TESTER, at=now)
    assert shifts.reveal_due(by=TESTER, at=now) == 0
    later = shift.ends_at + timedelta(hours=1)
    with pytest.raises(IntegrityError, match="secret until"), transaction.atomic():
        Shift.objects.filter(pk=shift.pk).update(seed=shifts.seed_of(shift), revealed_at=later)


def test_no_other_seed_can_be_published_than_the_one_committed_to(past: Shift) -> None:
    with pytest.raises(IntegrityError, match="committed to"), transaction.atomic():
        Shift.objects.filter(pk=past.pk).update(seed=SEED, revealed_at=timezone.now())


def test_a_commitment_never_changes(past: Shift) -> None:
    with pytest.raises(IntegrityError, match="only gets its seed"), transaction.atomic():
        Shift.objects.filter(pk=past.pk).update(commitment=SEED)
    with pytest.raises(IntegrityError, match="never taken back"), transaction.atomic():
        past.delete()


def test_verify_finds_a_draw_that_was_bent(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    for _ in range(3):
        gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    assert verify()["wrong"] == []
    bent = Assignment.objects.order_by("pk").first()
    assert bent is not None
    Assignment.objects.filter(pk=bent.pk).update(draw=0.999)
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 draws"):
        call_command("draws", "verify", "--shift", timezone.now().isoformat(), "--json", stdout=out)
    (wrong,) = json.loads(out.getvalue())["wrong"]
    assert (wrong["arrival"], wrong["draw"], wrong["wrong"]) == (
        str(bent.pk),
        0.999,
        "another draw",
    )


@pytest.mark.parametrize(
    ("draw", "facts"), [(None, None), (0.5, {})], ids=["no draw", "closed but drawn"]
)
def test_verify_finds_a_draw_that_should_not_be_so(
    cast: Cast, gate: Gate, decide_now: Decide, draw: float | None, facts: Any
) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    # Closed by the sweep: a worker's decision without facts is one whose facts are past their time.
    changes: dict[str, Any] = {"draw": draw}
    if facts is not None:
        changes |= {"facts": facts, "decided_by": Assignment.By.SWEEP, "route": "inspection"}
    Assignment.objects.update(**changes)
    with pytest.raises(CommandError):
        verify()


def test_verify_of_a_shift_that_there_is_not(cast: Cast) -> None:
    with pytest.raises(CommandError, match="has no shift"):
        verify(datetime(2020, 1, 1, tzinfo=UTC))


def test_everybody_may_see_commitments_and_published_seeds(cast: Cast, gate: Gate) -> None:
    ago = timezone.now() - timedelta(days=2)
    old = shifts.commit_shift(port_code=PORT, shift_of=ago, by=TESTER, at=ago)
    tend_shifts()
    response = gate.client.get("/api/v1/draws/")
    assert response.status_code == 200
    *_newer, last = response.json()["shifts"]
    assert last["commitment"] == bytes(old.commitment).hex()
    assert hashlib.sha256(bytes.fromhex(last["seed"])).hexdigest() == last["commitment"]
    assert all(shift["seed"] is None for shift in response.json()["shifts"][:-1])
    assert "sealed" not in response.content.decode()
    assert len(gate.client.get("/api/v1/draws/?limit=2&port=2304").json()["shifts"]) == 2


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 400, "invalid"),
        ("limit=٣", 400, "invalid"),
        ("limit=99999", 400, "invalid"),
        ("port=9999", 404, "port_unknown"),
        ("port=x", 404, "port_unknown"),
        ("port=%00", 400, ""),
    ],
)
def test_broken_questions_about_draws(gate: Gate, query: str, status: int, code: str) -> None:
    response = gate.client.get(f"/api/v1/draws/?{query}")
    assert response.status_code == status
    assert not code or response.json()["code"] == code


def test_the_seed_of_the_shift_before_serves_its_last_trucks(cast: Cast) -> None:
    start, _end = shifts.shift_at(timezone.now())
    before = start - timedelta(seconds=1)
    shift = shifts.commit_shift(port_code=PORT, shift_of=before, by=TESTER, at=before)
    known = queries.seed_at(PORT, before.timestamp())
    in_time = timezone.now() < start + timedelta(minutes=10)
    assert known == (shifts.seed_of(shift) if in_time else None)
