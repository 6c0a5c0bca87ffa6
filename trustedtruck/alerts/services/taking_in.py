"""What an accepted message of a partner becomes: an alert, its end, an answer to one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from trustedtruck.alerts import wire
from trustedtruck.alerts.models import Alert, Feedback, Inbound, Seizure
from trustedtruck.alerts.services.alerts import (
    amend_alert,
    end_alert,
    issue_alert,
    renew_alert,
)
from trustedtruck.alerts.services.messages import Taken, give_feedback, report_seizure
from trustedtruck.alerts.states import ALERT, AlertState
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused

# How an alert of a partner's that was over comes into force again.
_BACK: dict[str, str] = {AlertState.EXPIRED: "renew", AlertState.RECALLED: "reissue"}


def _take_warning(row: Inbound, value: dict[str, Any], by: Actor, at: datetime) -> Alert:
    draft = wire.draft_of(value, at=at)
    alert = Alert.objects.filter(owner=row.partner_id, origin_ref=row.ref).first()
    if alert is None:
        return issue_alert(
            draft=draft,
            owner=row.partner.agency,
            by=by,
            at=at,
            origin_ref=row.ref,
            version=row.version,
        )
    if alert.state in _BACK:
        alert = renew_alert(
            alert=alert,
            change=_BACK[alert.state],
            valid_until=draft.valid_until,
            review_date=draft.review_date,
            note=f"Version {row.version} of its agency.",
            by=by,
            at=at,
        )
    return amend_alert(alert=alert, draft=draft, by=by, at=at, version=row.version)


def _take_recall(row: Inbound, value: dict[str, Any], by: Actor, at: datetime) -> Alert:
    alert = Alert.objects.filter(owner=row.partner_id, origin_ref=row.ref).first()
    if alert is None:
        raise _missing()
    if not ALERT["recall"].allowed_from(alert.state):
        return alert
    return end_alert(alert=alert, change="recall", note="Recalled by its agency.", by=by, at=at)


def _take_feedback(row: Inbound, value: dict[str, Any], by: Actor, at: datetime) -> Alert:
    alert = warning_of(row.partner_id, value["warning"])
    if alert is None:
        raise _missing()
    _refuse_second(Feedback.objects.filter(agency=row.partner_id, origin_ref=row.ref))
    give_feedback(
        alert=alert,
        result=value["result"],
        note=value.get("note", ""),
        mark=value["mark"],
        agency=row.partner.agency,
        by=by,
        at=at,
        origin_ref=row.ref,
    )
    return alert


def _take_seizure(row: Inbound, value: dict[str, Any], by: Actor, at: datetime) -> Alert:
    feedback = feedback_of(row.partner_id, value["feedback"])
    if feedback is None:
        raise _missing()
    _refuse_second(Seizure.objects.filter(agency=row.partner_id, origin_ref=row.ref))
    report_seizure(
        feedback=feedback,
        taken=Taken(
            category=value["category"],
            # Its own words stayed with the sender: the category is what we may know.
            goods=value.get("goods") or value["category"],
            quantity=Decimal(value["quantity"]),
            unit=value["unit"],
            seized_at=min(value["seized_at"], at),
            hs_code=value.get("hs_code", ""),
            concealment=value.get("concealment", ""),
            port_code=value.get("port", ""),
            note=value.get("note", ""),
        ),
        mark=value["mark"],
        agency=row.partner.agency,
        by=by,
        at=at,
        origin_ref=row.ref,
    )
    return feedback.alert


TAKE = {
    "warning": _take_warning,
    "recall": _take_recall,
    "feedback": _take_feedback,
    "seizure": _take_seizure,
}


def _refuse_second(kept: QuerySet[Any]) -> None:
    """What was sent once is never changed: the one that was accepted stays."""
    if kept.exists():
        raise Refused("kept_already", _("Another one with this id was accepted before."))


def _missing() -> Refused:
    return Refused("answers_nothing", _("What this message answers is not known here."))


def warning_of(partner: str, ref: str) -> Alert | None:
    """The warning that a partner names: its own by its id, or ours by ours."""
    theirs = Alert.objects.filter(owner=partner, origin_ref=ref).first()
    return theirs or _ours(Alert.objects.exclude(owner=partner), ref)


def feedback_of(partner: str, ref: str) -> Feedback | None:
    """The answer that a partner names, likewise."""
    rows = Feedback.objects.select_related("alert")
    theirs = rows.filter(agency=partner, origin_ref=ref).first()
    return theirs or _ours(rows.exclude(agency=partner), ref)


def _ours(rows: Any, ref: str) -> Any:
    try:
        return rows.filter(public_id=ref).first()
    except (ValidationError, ValueError):
        return None  # not one of our ids at all
