"""Running the checks: one stored result each, so that a worker that dies loses one at most."""

from datetime import datetime

import structlog
from django.db import transaction

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Application, VettingCheck
from trustedtruck.carriers.states import ApplicationState
from trustedtruck.enrolment.vetting.checks import CHECKS
from trustedtruck.enrolment.vetting.result import Outcome, Result

log = structlog.get_logger(__name__)
OPEN = (ApplicationState.SUBMITTED, ApplicationState.ADVISED)


def vet(*, application: Application, by: Actor, at: datetime) -> list[VettingCheck]:
    """Run each check that lacks its result; the results."""
    return [_store(application, code, by, at) for code in lacking(application)]


def unfinished() -> list[Application]:
    """Applications with the officers that lack results: a worker died, or the broker was away."""
    found = Application.objects.filter(state__in=OPEN).prefetch_related("checks", "requests")
    return [a for a in found.select_related("carrier") if lacking(a)]


def lacking(application: Application) -> list[str]:
    """The codes of the checks without a result since the carrier last changed anything."""
    answered = [request.answered_at for request in application.requests.all()]
    since = max((at for at in (application.submitted_at, *answered) if at), default=None)
    fresh = {c.code for c in application.checks.all() if since is None or c.checked_at >= since}
    return [code for code in CHECKS if code not in fresh]


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
