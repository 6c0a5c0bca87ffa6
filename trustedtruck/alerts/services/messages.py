"""Feedback on a warning, and the seizure that follows: each linked to what it answers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models import Alert, Category, Feedback, Hit, Seizure
from trustedtruck.alerts.services.release import release_message
from trustedtruck.alerts.states import HIT, HitState
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.identifiers.characters import DIGITS, made_of


@dataclass(frozen=True, slots=True)
class Taken:
    """What was seized: `quantity` of `unit` (kg, pieces, …)."""

    category: str
    goods: str
    quantity: Decimal
    unit: str
    seized_at: datetime
    hs_code: str = ""
    concealment: str = ""
    port_code: str = ""
    note: str = ""


@transaction.atomic
def give_feedback(
    *,
    alert: Alert,
    result: str,
    note: str,
    mark: str,
    agency: Agency,
    by: Actor,
    at: datetime,
    hit: Hit | None = None,
    origin_ref: str = "",
) -> Feedback:
    """Say what came of a warning. The warning's agency, and whoever received it, are told.

    Raises `Invalid`, and `TransitionRefused` where the hit was dismissed or is not confirmed yet.
    """
    errors = _wrong_mark(mark)
    if result not in Feedback.Result.values:
        errors.append(FieldError("result", "invalid_choice", _("Choose one of the list.")))
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    feedback = Feedback.objects.create(
        alert=alert,
        hit=hit,
        result=result,
        note=note.strip(),
        mark=mark,
        agency=agency,
        origin_ref=origin_ref,
        sent_by=str(by),
        sent_at=at,
    )
    audit.record(
        "alert_feedback.sent",
        by=by,
        subject_kind="alert",
        subject_id=alert.public_id,
        data={"owner": alert.owner_id, "result": result, "feedback": str(feedback.public_id)},
    )
    if hit is not None:
        _answer(hit, by, at)
    release_message(message=feedback, by=by, at=at)
    return feedback


def _answer(hit: Hit, by: Actor, at: datetime) -> None:
    hit = Hit.objects.select_for_update().get(pk=hit.pk)
    step = HIT.check("answer", hit.state)
    hit.state, hit.judged_by, hit.judged_at = HitState(step.target), str(by), at
    hit.save(update_fields=["state", "judged_by", "judged_at"])
    audit.record(
        step.action,
        by=by,
        subject_kind="alert_hit",
        subject_id=hit.public_id,
        port_code=hit.port_code,
    )


@transaction.atomic
def report_seizure(
    *,
    feedback: Feedback,
    taken: Taken,
    mark: str,
    agency: Agency,
    by: Actor,
    at: datetime,
    origin_ref: str = "",
) -> Seizure:
    """Report what was taken after this feedback. Raises `Invalid` with every wrong field."""
    errors = [*_wrong_mark(mark), *_wrong_taken(taken, at)]
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    seizure = Seizure.objects.create(
        feedback=feedback,
        category=taken.category,
        goods=taken.goods.strip(),
        hs_code=taken.hs_code,
        quantity=taken.quantity,
        unit=taken.unit.strip(),
        concealment=taken.concealment.strip(),
        port_code=taken.port_code,
        seized_at=taken.seized_at,
        note=taken.note.strip(),
        mark=mark,
        agency=agency,
        origin_ref=origin_ref,
        sent_by=str(by),
        sent_at=at,
    )
    audit.record(
        "alert_seizure.sent",
        by=by,
        subject_kind="alert",
        subject_id=feedback.alert.public_id,
        data={"owner": feedback.alert.owner_id, "seizure": str(seizure.public_id)},
    )
    release_message(message=seizure, by=by, at=at)
    return seizure


def _wrong_mark(mark: str) -> list[FieldError]:
    if mark in Mark.values:
        return []
    return [FieldError("mark", "invalid_choice", _("Choose one of the list."))]


def _wrong_taken(taken: Taken, at: datetime) -> list[FieldError]:
    errors = []
    if taken.category not in Category.values:
        errors.append(FieldError("category", "invalid_choice", _("Choose one of the list.")))
    if not taken.goods.strip():
        errors.append(FieldError("goods", "required", _("This field is required.")))
    if not taken.quantity.is_finite() or taken.quantity <= 0:
        errors.append(FieldError("quantity", "not_positive", _("Enter more than nothing.")))
    if not taken.unit.strip():
        errors.append(FieldError("unit", "required", _("This field is required.")))
    if taken.hs_code and not (2 <= len(taken.hs_code) <= 10 and made_of(taken.hs_code, DIGITS)):
        errors.append(FieldError("hs_code", "hs_characters", _("Use 2 to 10 digits.")))
    if taken.seized_at > at:
        errors.append(FieldError("seized_at", "in_the_future", _("This is in the future.")))
    return errors
