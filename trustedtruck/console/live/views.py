"""`GET /api/v1/ports/{code}/events/`: what happens at a port, as it happens (server-sent events).

Arrivals, lanes and alarms; what else the audit says of the port is not told here.
At least once, never not at all: `Last-Event-ID` (or `?after=`) goes on where a stream broke off.
"""

import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db import connections
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from trustedtruck.accounts.authentication import KeyAuthentication
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import MachineKey, User
from trustedtruck.accounts.roles import Permission, Scope
from trustedtruck.accounts.signatures import SignatureAuthentication
from trustedtruck.audit.tail import Tail
from trustedtruck.carriers.second_factor import has_second_factor
from trustedtruck.console.live import messages
from trustedtruck.console.live.hub import Subscription, hub, missed, place_now
from trustedtruck.console.live.messages import COLUMNS
from trustedtruck.core.api import JSONRenderer
from trustedtruck.core.errors import NotFound, Unavailable
from trustedtruck.core.openapi import PROBLEMS

HEARTBEAT_SECONDS = 2.0
# How often a stream asks again whether its reader may still watch, and when it ends in any case.
ASK_AGAIN_SECONDS, LIFE_SECONDS = 15.0, 900.0


# One event of the stream, as the OpenAPI description says it; `data` is JSON.
EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "data": {"type": "string"},
        "retry": {"type": "integer"},
    },
}


class OfficerSession(BaseAuthentication):
    """The session of a signed-in officer, for reading only."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        user = request._request.user
        if not isinstance(user, User) or not user.is_active or not user.is_officer:
            return None
        if not settings.DEMO_WITHOUT_MFA and not has_second_factor(user):
            return None
        return user, None


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI description names the session."""

    target_class = OfficerSession
    name = "officerSession"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of an officer who is signed in to the console.",
        }


class MayWatch(BasePermission):
    """A key with the scope of lanes, or an officer who may see boards."""

    message = _("This key or officer may not watch the events of a port.")
    code = "may_not_watch"

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, MachineKey):
            return Scope.LANES_READ in request.auth.scopes
        return isinstance(request.user, User) and user_can(request.user, Permission.BOARD_READ)


class EventStreamRenderer(BaseRenderer):
    """Only so that a client may ask for `text/event-stream`; the view writes the stream itself."""

    media_type = "text/event-stream"
    format = "events"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return bytes(JSONRenderer().render(data))


class EventsView(APIView):
    """The live events of one port: arrivals, lanes and alarms."""

    authentication_classes = [KeyAuthentication, SignatureAuthentication, OfficerSession]
    permission_classes = [MayWatch]
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="port_events",
        parameters=[
            OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER),
            OpenApiParameter("after", str, description="the same, in the address"),
        ],
        responses={(200, "text/event-stream"): EVENT, **PROBLEMS},
    )
    def get(self, request: Request, code: str) -> StreamingHttpResponse:
        if not _may_watch(request, code):
            raise NotFound("port_unknown", _("There is no such port for this key."))
        if hub.open >= settings.EVENT_STREAMS:
            raise Unavailable("too_many_streams", _("Too many streams are open. Try again soon."))
        place = request.headers.get("Last-Event-ID") or request.query_params.get("after", "")
        if Tail.at(place, COLUMNS) is None:
            place = ""
        response = StreamingHttpResponse(
            _stream(request, code, place, "es" if get_language() == "es" else "en"),
            content_type="text/event-stream",
        )
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


def _may_watch(request: Request, code: str) -> bool:
    if isinstance(request.auth, MachineKey):
        device = request.auth.device
        return device is not None and device.port_code == code
    return isinstance(request.user, User) and user_can(request.user, Permission.BOARD_READ, code)


def _still_may_watch(request: Request, code: str) -> bool:
    """Asked again and again: a revoked key, a blocked officer, one who signed out goes dark."""
    try:
        if isinstance(request.auth, MachineKey):
            key = MachineKey.objects.select_related("device").get(pk=request.auth.pk)
            over = key.expires_at is not None and key.expires_at <= timezone.now()
            gone = key.device is None or key.device.revoked_at is not None
            return key.revoked_at is None and not over and not gone
        user = User.objects.get(pk=request.user.pk or 0)
        return _is_signed_in(request, user) and user_can(user, Permission.BOARD_READ, code)
    except (MachineKey.DoesNotExist, User.DoesNotExist):
        return False


def _is_signed_in(request: Request, user: User) -> bool:
    """Whether the session that opened the stream is still there, and of the password of now."""
    session = request._request.session
    kept = type(session)(session.session_key)
    return constant_time_compare(kept.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _stream(request: Request, code: str, place: str, language: str) -> Iterator[bytes]:
    # A thread that only waits must hold no connection of the pool.
    connections.close_all()
    stream = hub.subscribe(code, language)
    try:
        begun = asked = time.monotonic()
        # Subscribed first, then what was missed: between the two nothing can be lost.
        yield messages.hello(place or place_now())
        known = set()
        for event_id, message in missed(place, code, language) if place else ():
            known.add(event_id)
            yield message
        known.discard(0)
        connections.close_all()
        while not stream.ended and time.monotonic() - begun < LIFE_SECONDS:
            yield _next(stream, known)
            if time.monotonic() - asked > ASK_AGAIN_SECONDS:
                asked = time.monotonic()
                allowed = _still_may_watch(request, code)
                connections.close_all()
                if not allowed:
                    return
    finally:
        hub.unsubscribe(stream)


def _next(stream: Subscription, known: set[int]) -> bytes:
    """What has come; a sign of life when nothing has."""
    found = [m for event_id, m in stream.take(HEARTBEAT_SECONDS) if event_id not in known]
    return b"".join(found) or messages.heartbeat(timezone.now())
