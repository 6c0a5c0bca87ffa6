"""The seeds of the shifts: committed to ahead of time, revealed when their shift is over."""

import time
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction

from lanes import draws, queries
from lanes.models import Port, Shift
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor, system
from trustedtruck.core.sealing import seal

log = structlog.get_logger(__name__)
AHEAD = timedelta(hours=24)
# The last trucks of a shift are decided after its end; their draws stay secret until then.
GRACE = timedelta(minutes=10)
RETRY_SECONDS = 5.0
_failed: dict[str, float] = {}


def shift_at(at: datetime) -> tuple[datetime, datetime]:
    """Beginning and end of the shift around an instant: the UTC day in equal parts."""
    hours = settings.LANES_SHIFT_HOURS
    at = at.astimezone(UTC)
    start = at.replace(hour=at.hour // hours * hours, minute=0, second=0, microsecond=0)
    return start, start + timedelta(hours=hours)


@transaction.atomic
def commit_shift(*, port_code: str, shift_of: datetime, by: Actor, at: datetime) -> Shift:
    """The port's shift around `shift_of`, with a fresh seed unless it has one.

    What was committed to stays: where shifts were of another length before, the new one ends where
    they begin, so that no instant lies in two.

    Raises `draws.SeedUnavailable` when the keystore takes no part. Safe under concurrency: of
    several makers one row stays, and names the file of the one who made it.
    """
    start, end = shift_at(shift_of)
    for other in Shift.objects.filter(port=port_code, starts_at__lt=end, ends_at__gt=start):
        if other.starts_at <= shift_of < other.ends_at:
            return other
        if other.ends_at <= shift_of:
            start = max(start, other.ends_at)
        else:
            end = min(end, other.starts_at)
    one, two = draws.new_part(), draws.new_part()
    name = draws.keep_part(two)
    seed = draws.combine(port_code, int(start.timestamp()), one, two)
    Shift.objects.bulk_create(
        [
            Shift(
                port_id=port_code,
                starts_at=start,
                ends_at=end,
                commitment=draws.commitment(seed),
                committed_at=at,
                sealed_part=seal(one.hex()),
                part_file=name,
            )
        ],
        ignore_conflicts=True,
    )
    shift = Shift.objects.get(port=port_code, starts_at=start)
    if shift.part_file != name:
        draws.drop_part(name)
        return shift
    audit.record(
        "shift.committed",
        by=by,
        subject_kind="shift",
        subject_id=shift.pk,
        port_code=port_code,
        data={"starts_at": start.isoformat(), "commitment": bytes(shift.commitment).hex()},
    )
    return shift


def commit_ahead(*, by: Actor, at: datetime) -> int:
    """Commit to all shifts of the next day at every port; how many there were to look at."""
    looked_at = 0
    for port_code in Port.objects.values_list("pk", flat=True):
        moment = at
        while moment < at + AHEAD:
            moment = commit_shift(port_code=port_code, shift_of=moment, by=by, at=at).ends_at
            looked_at += 1
    return looked_at


def reveal_due(*, by: Actor, at: datetime) -> int:
    """Publish the seeds of the shifts that are over; how many."""
    revealed = 0
    for pk in Shift.objects.filter(seed=None, ends_at__lte=at - GRACE).values_list("pk", flat=True):
        try:
            revealed += _reveal(pk, by=by, at=at)
        except draws.SeedUnavailable as error:
            log.error("seed_not_revealed", shift=pk, error=str(error))
    return revealed


@transaction.atomic
def _reveal(pk: int, *, by: Actor, at: datetime) -> int:
    shift = Shift.objects.select_for_update(skip_locked=True).filter(pk=pk, seed=None).first()
    if shift is None:
        return 0
    shift.seed, shift.revealed_at = seed_of(shift), at
    shift.save(update_fields=["seed", "revealed_at"])
    audit.record(
        "shift.revealed",
        by=by,
        subject_kind="shift",
        subject_id=shift.pk,
        port_code=shift.port_id,
        data={"starts_at": shift.starts_at.isoformat(), "seed": shift.seed.hex()},
    )
    transaction.on_commit(lambda: draws.drop_part(shift.part_file))
    return 1


def seed_of(shift: Shift) -> bytes:
    """The seed, out of the row where it is public, else out of its two parts.

    Raises `draws.SeedUnavailable`.
    """
    if shift.seed is not None:
        return bytes(shift.seed)
    started = int(shift.starts_at.timestamp())
    committed = bytes(shift.commitment).hex()
    return draws.open_seed(shift.port_id, started, shift.sealed_part, shift.part_file, committed)


def seed_for(port_code: str, received_at: float) -> bytes | None:
    """The seed for an arrival, made now where nobody made it ahead; None where that fails.

    From this process's memory: no query for an arrival, and none for a batch.
    """
    seed = queries.seed_at(port_code, received_at)
    if seed is not None or time.monotonic() < _failed.get(port_code, 0.0) + RETRY_SECONDS:
        return seed
    at = datetime.fromtimestamp(received_at, UTC)
    try:
        commit_shift(port_code=port_code, shift_of=at, by=system("worker"), at=at)
    except (draws.SeedUnavailable, DatabaseError) as error:
        # Fail closed: without a draw every truck that could be drawn is inspected.
        log.error("no_seed", port=port_code, error=repr(error))
        _failed[port_code] = time.monotonic()
        return None
    queries.forget_seeds(port_code)
    seed = queries.seed_at(port_code, received_at)
    if seed is None:
        _failed[port_code] = time.monotonic()
    return seed
