"""Running the checks: one stored result each, so that a worker that dies loses one at most."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Max

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Application, VettingCheck
from trustedtruck.carriers.states import ApplicationState
from trustedtruck.enrolment.vetting.checks import CHECKS
from trustedtruck.enrolment.vetting.result import Outcome, Result

log = structlog.get_logger(__name__)
OPEN = (ApplicationState.SUBMITTED, ApplicationState.ADVISED)


def vet(*, application: Application, by: Actor, at: datetime) -> list[VettingCheck]:
    """Run each check that has no result since the carrier last changed anything."""
    since = _changed_at(application)
    done = set(
        application.checks.filter(checked_at__gte=since).values_list("code", flat=True)
        if since
        else []
    )
    return [_store(application, code, by, at) for code in CHECKS if code not in done]


def unfinished() -> list[Application]:
    """Applications with the officers that lack results: a worker died, or the broker was away."""
    found = Application.objects.filter(state__in=OPEN).prefetch_related("checks", "requests")
    return [a for a in found.select_related("carrier") if _lacks(a)]


def _lacks(application: Application) -> bool:
    since = application.submitted_at
    for request in application.requests.all():
        if request.answered_at and (since is None or request.answered_at > since):
            since = request.answered_at
    fresh = {c.code for c in application.checks.all() if since is None or c.checked_at >= since}
    return not fresh.issuperset(CHECKS)


def _changed_at(application: Application) -> datetime | None:
    answered: datetime | None = application.requests.aggregate(last=Max("answered_at"))["last"]
    times = [t for t in (application.submitted_at, answered) if t is not None]
    return max(times) if times else None


def _store(application: Application, code: str, by: Actor, at: datetime) -> VettingCheck:
    check, _label = CHECKS[code]
    try:
        result = check(application, at.date())
    except Exception:
        # A check that fails must not pass, and must not keep the others from running.
        log.exception("vetting_check_failed", check=code, application=application.pk)
        result = Result(Outcome.UNKNOWN)
    with transaction.atomic():
        stored, _new = VettingCheck.objects.update_or_create(
            application=application,
            code=code,
            defaults={
                "outcome": result.outcome,
                "findings": result.findings[:200],
                "checked_at": at,
            },
        )
        audit.record(
            "application.checked",
            by=by,
            subject_kind="application",
            subject_id=application.pk,
            data={"check": code, "outcome": result.outcome},
        )
    return stored
