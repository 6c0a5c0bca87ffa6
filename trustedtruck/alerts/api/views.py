"""What partners read and send: the feed as JSON, CSV and STIX; messages by key or by signature."""

import csv
import hashlib
import io
import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from trustedtruck.accounts.roles import Scope
from trustedtruck.alerts.api import schema
from trustedtruck.alerts.api.access import PartnerThrottle, partner_of
from trustedtruck.alerts.api.parsers import Raw, RawAnything, RawSTIX, json_of
from trustedtruck.alerts.models import Inbound, Partner
from trustedtruck.alerts.queries import feed
from trustedtruck.alerts.services.inbound import Sent, receive
from trustedtruck.alerts.services.reading import note_reading
from trustedtruck.alerts.stix.reader import read_bundle
from trustedtruck.alerts.stix.writer import bundle
from trustedtruck.audit.actors import Actor
from trustedtruck.core.api import body_of
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.core.sealing import unseal
from trustedtruck.core.spreadsheets import harmless

MAX_PAGE, PAGE = 5000, 500
STIX_MEDIA = "application/stix+json;version=2.1"
_COLUMNS = [
    "seq", "kind", "id", "version", "owner", "mark", "category", "severity", "valid_from",
    "valid_until", "criteria", "instruction", "reason", "warning", "feedback", "result", "sent_at",
    "hs_code", "quantity", "unit", "port", "seized_at", "goods", "concealment", "note",
]  # fmt: skip
_PAGING = [
    OpenApiParameter("after", int, description="The cursor of the page before; 0 begins."),
    OpenApiParameter("limit", int, description="How many at most: 1 to 5000, usually 500."),
]


def paging(request: Request) -> tuple[int, int]:
    """`after` and `limit`. Raises `Invalid`."""
    values, errors = [], []
    for name, usual, most in (("after", 0, 2**62), ("limit", PAGE, MAX_PAGE)):
        text = request.query_params.get(name, str(usual))
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most:
            values.append(int(text))
        else:
            errors.append(FieldError(name, "not_a_number", _("Write a whole number in its range.")))
    if errors or values[1] < 1:
        errors = errors or [FieldError("limit", "not_a_number", _("At least 1."))]
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    return values[0], values[1]


class Feed(APIView):
    """Everything released to the partner, in order, from a cursor on."""

    scope = Scope.ALERTS_READ
    throttle_classes = [PartnerThrottle]

    @extend_schema(
        operation_id="alerts_feed", parameters=_PAGING, responses={200: schema.PAGE, **PROBLEMS}
    )
    def get(self, request: Request) -> HttpResponse:
        partner = partner_of(request)
        after, limit = paging(request)
        at = timezone.now()
        last, copies = feed.raw_page(partner, after=after, limit=limit, at=at)
        copies = list(copies)
        _note(request, partner, "json", after, last, len(copies), at)
        # Joined as text: the copies are JSON already, and a feed may be long.
        body = f'{{"next":{last or after},"more":{json.dumps(len(copies) == limit)},"items":['
        return HttpResponse(body + ",".join(copies) + "]}", content_type="application/json")


class FeedCSV(APIView):
    """The feed as a table; texts that a spreadsheet would run as formulas are quoted."""

    scope = Scope.ALERTS_READ
    throttle_classes = [PartnerThrottle]

    @extend_schema(
        operation_id="alerts_feed_csv",
        parameters=_PAGING,
        responses={(200, "text/csv"): schema.TEXT, **PROBLEMS},
    )
    def get(self, request: Request) -> HttpResponse:
        partner = partner_of(request)
        after, limit = paging(request)
        at = timezone.now()
        rows = feed.page(partner, after=after, limit=limit, at=at)
        _note(request, partner, "csv", after, rows[-1].seq if rows else None, len(rows), at)
        text = io.StringIO()
        table = csv.DictWriter(text, _COLUMNS, restval="", extrasaction="ignore")
        table.writeheader()
        for row in rows:
            values = row.payload | {"seq": row.seq, "criteria": _criteria(row.payload)}
            table.writerow({name: harmless(value) for name, value in values.items()})
        answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="alerts.csv"'
        return answer


def _criteria(payload: dict[str, Any]) -> str:
    clauses = payload.get("criteria", [])
    return " | ".join(" & ".join(f"{c['kind']}={c['value']}" for c in one) for one in clauses)


class Stix(APIView):
    """The feed as STIX 2.1 bundles, and a partner's bundles."""

    throttle_classes = [PartnerThrottle]
    parser_classes = [RawSTIX, Raw]

    @property
    def scope(self) -> str:
        reads = self.request.method in ("GET", "HEAD", "OPTIONS")
        return Scope.ALERTS_READ if reads else Scope.ALERTS_WRITE

    @extend_schema(
        operation_id="alerts_stix",
        parameters=_PAGING,
        responses={(200, "application/stix+json"): schema.BUNDLE, **PROBLEMS},
    )
    def get(self, request: Request) -> HttpResponse:
        partner = partner_of(request)
        after, limit = paging(request)
        at = timezone.now()
        rows = feed.page(partner, after=after, limit=min(limit, PAGE), at=at)
        last = rows[-1].seq if rows else None
        _note(request, partner, "stix", after, last, len(rows), at)
        answer = HttpResponse(json.dumps(bundle(rows)), content_type=STIX_MEDIA)
        answer["X-Next-After"] = str(last or after)
        return answer

    @extend_schema(
        operation_id="alerts_stix_send",
        request={"application/stix+json": schema.BUNDLE},
        responses={200: schema.RECEIVED, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        partner = partner_of(request)
        messages = read_bundle(json_of(request))
        return _received(
            receive(partner=partner, messages=messages, by=_actor(request), at=timezone.now())
        )


class Messages(APIView):
    """A partner's messages in our own form: one, or many that are taken together or not at all."""

    scope = Scope.ALERTS_WRITE
    throttle_classes = [PartnerThrottle]
    parser_classes = [Raw]

    @extend_schema(
        operation_id="alerts_send",
        request={"application/json": schema.MESSAGES},
        responses={200: schema.RECEIVED, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        partner = partner_of(request)
        body = json_of(request)
        many = isinstance(body, dict) and set(body) == {"messages"}
        some = body["messages"] if many else [body]
        if not isinstance(some, list) or not some:
            text = _("Send at least one message.")
            raise Invalid((FieldError("messages", "required", text),), _("Some fields are wrong."))
        messages = [
            Sent(_message_id(one), one, f"messages.{n}" if many else "")
            for n, one in enumerate(some)
        ]
        return _received(
            receive(partner=partner, messages=messages, by=_actor(request), at=timezone.now())
        )


def _message_id(body: Any) -> str:
    """The thing and its version: sent by key, the same is the same message."""
    if not isinstance(body, dict):
        return "-"
    text = f"{body.get('kind')}/{body.get('id')}/{body.get('version')}"
    # Cut short, two versions of a thing with a long id would have one.
    return text if len(text) <= 100 else hashlib.sha256(text.encode()).hexdigest()


class SignatureRefused(AuthenticationFailed):
    """One answer for a wrong, an old and a missing signature."""

    default_detail = _("The signature is missing, wrong or too old.")
    default_code = "signature_refused"


class Inbox(APIView):
    """Where a partner's system sends its releases: signed by Standard Webhooks, with our secret."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [PartnerThrottle]
    parser_classes = [RawAnything]

    @extend_schema(
        operation_id="alerts_inbox",
        auth=[],
        request={"application/json": schema.MESSAGE},
        responses={200: schema.RECEIVED, **PROBLEMS},
    )
    def post(self, request: Request, code: str) -> Response:
        partner = Partner.objects.select_related("agency").filter(pk=code).first()
        raw = body_of(request)
        if partner is None or not partner.sealed_inbox_secret:
            raise SignatureRefused
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            Webhook(unseal(partner.sealed_inbox_secret)).verify(raw, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            raise SignatureRefused from None
        body = json_of(request)
        if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
            text = _("The message has no data.")
            raise Invalid((FieldError("data", "required", text),), _("Some fields are wrong."))
        sent = Sent(headers["webhook-id"][:100], body["data"], "data")
        by = Actor("agency", partner.pk, str(partner.agency))
        return _received(receive(partner=partner, messages=[sent], by=by, at=timezone.now()))

    def get_authenticate_header(self, request: Request) -> str:
        return 'Signature realm="TrustedTruck"'


class Extension(APIView):
    """The JSON Schema of our STIX extension, for whoever validates a bundle."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(schema.EXTENSION)


def _received(rows: list[tuple[Inbound, bool]]) -> Response:
    answers = [
        {
            "message": str(row.public_id),
            "kind": row.kind,
            "id": row.ref,
            "state": row.state,
            "repeated": repeated,
        }
        for row, repeated in rows
    ]
    return Response({"received": answers}, status=HTTPStatus.OK)


def _actor(request: Request) -> Actor:
    partner = partner_of(request)
    return Actor("agency", partner.pk, str(partner.agency))


def _note(
    request: Request, partner: Partner, form: str, after: int, last: int | None, count: int, at: Any
) -> None:
    note_reading(
        partner=partner,
        form=form,
        first=after + 1,
        last=last or after,
        count=count,
        by=_actor(request),
        at=at,
    )
