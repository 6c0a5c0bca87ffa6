"""Messages as they come in: kept, answered once, and worked off by a worker when they are large."""

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.errors import DomainError, Refused
from trustedtruck.core.problems import problem
from trustedtruck.manifests.models import Submission, Version
from trustedtruck.manifests.services import formats
from trustedtruck.manifests.services.answers import Answer

log = structlog.get_logger(__name__)
LARGE = 256 * 1024
MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Sender:
    """On whose behalf a message is read: a carrier, or a port (which files for any carrier)."""

    actor: Actor
    carrier: Carrier | None = None
    port_code: str = ""


def file(
    *, kind: str, body: bytes, options: dict[str, str], sender: Sender, at: dt.datetime
) -> tuple[Submission, bool]:
    """Keep a message. Answers the row, and whether this very message is a repeat.

    Raises `Refused`: `control_number_reused` where the sender used the key for other bytes,
    `overtaken` where it is an amendment that later ones have changed.
    """
    digest = hashlib.sha256(body).digest()
    by = sender.actor
    options = options if kind == Submission.Kind.CSV else {}
    key = formats.key_of(kind, body, options)
    with transaction.atomic():
        row, made = Submission.objects.get_or_create(
            sender=str(by),
            kind=kind,
            key=key,
            defaults={
                "body": body,
                "body_sha256": digest,
                "options": options,
                "actor": [by.kind, by.id, by.label, by.on_behalf_of],
                "carrier": sender.carrier,
                "port_code": sender.port_code,
                "state": Submission.State.WAITING,
            },
        )
        if made:
            audit.record(
                "manifest.received",
                by=by,
                subject_kind="submission",
                subject_id=row.public_id,
                port_code=sender.port_code,
                data={"kind": kind, "key": key, "bytes": len(body), "sha256": digest.hex()},
            )
    if bytes(row.body_sha256) != digest:
        raise Refused(
            "control_number_reused",
            _("This control number was used for another message."),
            submission=str(row.public_id),
        )
    if not made:
        _refuse_overtaken(row)
    return row, not made


def _refuse_overtaken(row: Submission) -> None:
    """An amendment that another has followed is neither on file any more nor filed again unasked.

    Whether its sender wants it back or only did not hear the answer cannot be told from its bytes;
    a control number of its own tells it (X12 always has one).
    """
    version = row.result.get("version")
    if row.kind == Submission.Kind.X12 or version is None:
        return
    versions = Version.objects.filter(trip__trip_number=row.trip_number)
    own = versions.filter(number=version, purpose="amendment")
    if own.exists() and versions.filter(number__gt=version).exists():
        raise Refused(
            "overtaken",
            _(
                "This amendment was filed before, and the trip was changed after it. To file it "
                "again, give it a control number of its own."
            ),
            submission=str(row.public_id),
        )


def work_off(submission_id: int, *, at: dt.datetime) -> DomainError | None:
    """Read a kept message and put on file what it says. Returns the refusal, where it is one.

    Whoever comes second finds it done. A message that kills its worker is given up after three
    attempts, so that it does not take others along.
    """
    Submission.objects.filter(pk=submission_id, state=Submission.State.WAITING).update(
        attempts=F("attempts") + 1
    )
    refusal: DomainError | None = None
    with transaction.atomic():
        row = (
            Submission.objects.select_for_update(of=("self",))
            .select_related("carrier")
            .get(pk=submission_id)
        )
        if row.state == Submission.State.ACCEPTED or (
            row.state == Submission.State.REJECTED and row.kind == Submission.Kind.X12
        ):
            return None
        if row.attempts > MAX_ATTEMPTS:
            refusal = Refused("gave_up", _("This message could not be read in three attempts."))
            answer = Answer(accepted=False)
        else:
            answer, refusal = _read(row, at)
        if refusal is not None:
            row.result = problem(refusal.status, refusal.code, refusal.text, refusal.errors)
        else:
            row.result = answer.result
        row.reply = answer.reply
        row.trip_number = answer.trip_number or (
            formats.trip_number_of(row.kind, bytes(row.body), row.options) if refusal else ""
        )
        row.done = row.total = answer.count
        row.state = Submission.State.ACCEPTED if answer.accepted else Submission.State.REJECTED
        row.finished_at = Now()
        row.save()
        audit.record(
            f"manifest.{row.state}",
            by=_actor(row),
            subject_kind="submission",
            subject_id=row.public_id,
            port_code=row.port_code,
            data={"code": row.result.get("code", "")},
        )
    return refusal


def _read(row: Submission, at: dt.datetime) -> tuple[Answer, DomainError | None]:
    try:
        with transaction.atomic():
            return (
                formats.read(
                    kind=row.kind,
                    body=bytes(row.body),
                    options=row.options,
                    carrier=row.carrier,
                    port_code=row.port_code,
                    by=_actor(row),
                    at=at,
                    control=row.pk * 10 % 999_999_000,
                ),
                None,
            )
    except DomainError as refusal:
        return Answer(accepted=False), refusal


def _actor(row: Submission) -> Actor:
    fields: list[Any] = row.actor
    return Actor(*fields)


def waiting(*, besides: Collection[int] = (), limit: int = 20) -> list[int]:
    """The oldest messages that nobody has worked off."""
    return list(
        Submission.objects.filter(state=Submission.State.WAITING)
        .exclude(pk__in=besides)
        .order_by("received_at")
        .values_list("pk", flat=True)[:limit]
    )
