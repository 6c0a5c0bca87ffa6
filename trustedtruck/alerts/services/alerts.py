"""An alert from issue to end. Each change is one transaction, which writes the index last."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.drafts import Draft, checked
from trustedtruck.alerts.kinds import Value
from trustedtruck.alerts.models import Alert, Criterion, Hit
from trustedtruck.alerts.queries.matching import filings_under
from trustedtruck.alerts.services import index
from trustedtruck.alerts.services.hits import Met, record_hits
from trustedtruck.alerts.services.release import release_alert
from trustedtruck.alerts.states import ALERT, NEW, AlertState
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, Refused
from trustedtruck.core.work import after_commit

EXPIRED_AT_ONCE = 500
MATCH_ARRIVALS = "lanes.tasks.match_arrivals"


@transaction.atomic
def issue_alert(
    *, draft: Draft, owner: Agency, by: Actor, at: datetime, origin_ref: str = "", version: int = 1
) -> Alert:
    """Put an alert in force; filings that it stands against are hit at once.

    Raises `Invalid` with every wrong field.
    """
    criteria = checked(draft)
    alert = Alert(
        owner=owner,
        origin_ref=origin_ref,
        version=version,
        state=ALERT.check("issue", NEW).target,
        issued_by=str(by),
        issued_at=at,
    )
    _fill(alert, draft, at)
    alert.save()
    return _put(alert, criteria, "issue", by, at)


@transaction.atomic
def amend_alert(
    *, alert: Alert, draft: Draft, by: Actor, at: datetime, version: int | None = None
) -> Alert:
    """Say something else from now on. Raises `Invalid`, or `TransitionRefused` once it is over."""
    criteria = checked(draft)
    alert = locked(alert)
    ALERT.check("amend", alert.state)
    _fill(alert, draft, at)
    alert.version = version or alert.version + 1
    alert.save()
    alert.criteria.all().delete()
    return _put(alert, criteria, "amend", by, at)


@transaction.atomic
def review_alert(*, alert: Alert, review_date: date, by: Actor, at: datetime) -> Alert:
    """Looked at again and kept. Raises `Invalid` where the next review is not ahead."""
    if review_date <= at.date():
        raise Invalid(
            (FieldError("review_date", "not_ahead", _("The next review must lie ahead.")),),
            _("Some fields are wrong."),
        )
    alert = locked(alert)
    step = ALERT.check("review", alert.state)
    alert.review_date = review_date
    alert.reviewed_by, alert.reviewed_at = str(by), at
    alert.save(update_fields=["review_date", "reviewed_by", "reviewed_at"])
    _record(step.action, alert, by, {"next": review_date.isoformat()})
    return alert


@transaction.atomic
def end_alert(*, alert: Alert, change: str, note: str, by: Actor, at: datetime) -> Alert:
    """`withdraw`, or `recall` by the partner that sent it. Raises `Invalid` without a note."""
    if not note.strip():
        raise Invalid(
            (FieldError("note", "required", _("Say why the alert ends.")),),
            _("Some fields are wrong."),
        )
    return _end(locked(alert), change, note.strip(), by, at)


@transaction.atomic
def renew_alert(
    *,
    alert: Alert,
    valid_until: datetime | None,
    review_date: date,
    note: str,
    by: Actor,
    at: datetime,
    change: str = "renew",
) -> Alert:
    """Put an expired alert in force again, and say why; `reissue` one that its partner recalled.

    Raises `Invalid` with every wrong field, `TransitionRefused`, or `Refused` (`alert_purged`)
    where nobody knows any more what it was on.
    """
    errors = []
    if valid_until is not None and valid_until <= at:
        errors.append(FieldError("valid_until", "not_ahead", _("The new end must lie ahead.")))
    if review_date <= at.date():
        errors.append(FieldError("review_date", "not_ahead", _("The next review must lie ahead.")))
    if not note.strip():
        errors.append(FieldError("note", "required", _("Say why it is put in force again.")))
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    alert = locked(alert)
    alert.state = ALERT.check(change, alert.state).target
    criteria = [(c.clause, Value(c.kind, c.value)) for c in alert.criteria.all()]
    if not criteria:
        raise Refused("alert_purged", _("What this alert was on is no longer kept: issue another."))
    alert.valid_until, alert.version = valid_until, alert.version + 1
    alert.review_date = review_date
    alert.changed_at, alert.matched_at = at, None
    alert.ended_by, alert.ended_at, alert.end_note = "", None, ""
    alert.save()
    return _put(alert, criteria, change, by, at, note=note.strip())


def expire_due(*, by: Actor, at: datetime) -> int:
    """End the alerts whose period is over, each by itself. How many."""
    due = Alert.objects.filter(state=AlertState.ACTIVE, valid_until__lte=at)
    ids = list(due.order_by("valid_until").values_list("pk", flat=True)[:EXPIRED_AT_ONCE])
    for pk in ids:
        with transaction.atomic():
            alert = Alert.objects.select_for_update().get(pk=pk)
            if alert.state == AlertState.ACTIVE:
                _end(alert, "expire", "", by, at)
    return len(ids)


def locked(alert: Alert) -> Alert:
    return Alert.objects.select_for_update().get(pk=alert.pk)


def _fill(alert: Alert, draft: Draft, at: datetime) -> None:
    for name in ("category", "severity", "mark", "valid_from", "valid_until", "review_date"):
        setattr(alert, name, getattr(draft, name))
    alert.reason, alert.instruction = draft.reason.strip(), draft.instruction.strip()
    alert.changed_at, alert.matched_at = at, None


def _put(
    alert: Alert,
    criteria: Iterable[tuple[int, Value]],
    change: str,
    by: Actor,
    at: datetime,
    *,
    note: str = "",
) -> Alert:
    criteria = list(criteria)
    Criterion.objects.bulk_create(
        [
            Criterion(alert=alert, clause=clause, kind=value.kind, value=value.value)
            for clause, value in criteria
        ],
        ignore_conflicts=True,
    )
    terms = index.terms_of(alert, criteria)
    said = {"note": note} if note else {}
    told = {"mark": alert.mark, "category": alert.category, **said}
    _record(ALERT[change].action, alert, by, told)
    if alert.valid_from <= at:
        met = [
            Met(match, Hit.Subject.TRIP, filing.ref, filing.port_code)
            for filing, match in filings_under(terms).items()
        ]
        record_hits(met=met, by=by, at=at)
    release_alert(alert=alert, by=by, at=at)
    index.write(alert, terms)
    after_commit(MATCH_ARRIVALS)
    return alert


def _end(alert: Alert, change: str, note: str, by: Actor, at: datetime) -> Alert:
    step = ALERT.check(change, alert.state)
    alert.state, alert.changed_at = AlertState(step.target), at
    alert.ended_by, alert.ended_at, alert.end_note = str(by), at, note[:500]
    alert.save()
    _record(step.action, alert, by, {"note": note})
    release_alert(alert=alert, by=by, at=at)
    index.write(alert, [])
    return alert


def _record(action: str, alert: Alert, by: Actor, data: dict[str, Any]) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="alert",
        subject_id=alert.public_id,
        data={"owner": alert.owner_id, "version": alert.version, **data},
    )
