"""A person's session: how long it lasts, what is on record of it, what it leaves in a browser."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from trustedtruck.accounts.models import User
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import system

log = structlog.get_logger(__name__)
_BEGAN, _SEEN = "began_at", "seen_at"
# So often at most the session's row is written for the sake of its clock.
_EVERY_SECONDS = 60


@transaction.atomic
def note_begun(user: User) -> None:
    audit.record("session.begun", by=user.actor, subject_kind="user", subject_id=user.pk)


@transaction.atomic
def note_ended(user: User, why: str) -> None:
    """`why`: `signed_out`, `idle` or `old`."""
    audit.record(
        "session.ended", by=user.actor, subject_kind="user", subject_id=user.pk, data={"why": why}
    )


@transaction.atomic
def note_refused(user: User | None) -> None:
    """A sign-in that failed; what was typed is not kept, it may be a password in the wrong field.

    Of a name that nobody has, only the log speaks: anybody could fill the audit with those.
    """
    log.warning("sign_in_refused", user=user.pk if user else None)
    if user is not None:
        audit.record("session.refused", by=system("web"), subject_kind="user", subject_id=user.pk)


class SessionEnds:
    """Middleware: ends a session that is old or idle, and keeps its pages out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if why := _over(request, time.time()):
            note_ended(user, why)
            logout(request)
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


def _over(request: HttpRequest, now: float) -> str:
    """Why the session is over; empty while it is not."""
    session = request.session
    began, seen = session.get(_BEGAN, now), session.get(_SEEN, now)
    if now - began > settings.SESSION_HOURS * 3600:
        return "old"
    if now - seen > settings.SESSION_IDLE_MINUTES * 60:
        return "idle"
    if _BEGAN not in session or now - seen > _EVERY_SECONDS:
        session[_BEGAN], session[_SEEN] = began, now
    return ""
