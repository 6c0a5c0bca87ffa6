"""TAXII 2.1, reading: one API root, one collection of what is released to the partner that asks.

OASIS TAXII 2.1: discovery (4.1), API root (4.2), collections (5.1, 5.2), objects (5.4, 5.6),
manifest (5.3). `added_after` and `next` go by the release, which only grows.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer as BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trustedtruck.accounts.roles import Scope
from trustedtruck.alerts.api.access import BasicOrBearer, PartnerThrottle, partner_of
from trustedtruck.alerts.api.parsers import MAX_BODY
from trustedtruck.alerts.models import Partner, Release
from trustedtruck.alerts.queries import feed
from trustedtruck.alerts.services.reading import note_reading
from trustedtruck.alerts.stix.vocabulary import NAMESPACE, stix_id
from trustedtruck.alerts.stix.writer import objects_of, shared_objects
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, NotFound
from trustedtruck.core.fields import InstantField, instant

MEDIA = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version=2.1"
PAGE = 200


class TaxiiRenderer(BaseRenderer):
    media_type = "application/taxii+json"
    format = "taxii"
    charset = None


class _View(APIView):
    scope = Scope.ALERTS_READ
    authentication_classes = [BasicOrBearer]
    throttle_classes = [PartnerThrottle]
    renderer_classes = [TaxiiRenderer]

    def answer(self, body: dict[str, Any], **headers: str) -> HttpResponse:
        return Response(body, headers=headers, content_type=MEDIA)


def collection_of(partner: Partner) -> str:
    """The id of a partner's own collection; another partner's does not exist for it."""
    return str(uuid.uuid5(NAMESPACE, f"collection/{partner.pk}"))


def _own(request: Request, public_id: uuid.UUID) -> Partner:
    partner = partner_of(request)
    if str(public_id) != collection_of(partner):
        raise NotFound("no_such_collection", _("There is no such collection for this key."))
    return partner


class Discovery(_View):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        partner_of(request)
        root = settings.BASE_URL + reverse("taxii-root")
        return self.answer(
            {
                "title": "TrustedTruck",
                "description": "Alerts released by agreement",
                "default": root,
                "api_roots": [root],
            }
        )


class Root(_View):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        partner_of(request)
        return self.answer(
            {
                "title": "Alerts",
                "versions": [MEDIA],
                "max_content_length": MAX_BODY,
            }
        )


class Collections(_View):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return self.answer({"collections": [_describe(partner_of(request))]})


class Collection(_View):
    @extend_schema(exclude=True)
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponse:
        return self.answer(_describe(_own(request, public_id)))


def _describe(partner: Partner) -> dict[str, Any]:
    return {
        "id": collection_of(partner),
        "title": f"Released to {partner.agency}",
        "can_read": True,
        "can_write": False,
        "media_types": [STIX],
    }


class Objects(_View):
    @extend_schema(exclude=True)
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponse:
        return _objects(self, request, _own(request, public_id))


class Object(_View):
    @extend_schema(exclude=True)
    def get(self, request: Request, public_id: uuid.UUID, object_id: str) -> HttpResponse:
        return _objects(self, request, _own(request, public_id), object_id)


class Manifest(_View):
    @extend_schema(exclude=True)
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponse:
        partner = _own(request, public_id)
        rows, more, headers = _page(request, partner)
        kept = [
            {
                "id": found["id"],
                "date_added": instant(row.released_at),
                "version": found["modified"],
                "media_type": STIX,
            }
            for row in rows
            for found in objects_of(row)
            if _wanted(request, found)
        ]
        return self.answer(_envelope(kept, rows, more), **headers)


def _objects(view: _View, request: Request, partner: Partner, object_id: str = "") -> HttpResponse:
    rows, more, headers = _page(request, partner, object_id)
    found = [item for row in rows for item in objects_of(row)]
    # The marks, owners and the extension that these objects name come with every page.
    found += shared_objects(
        (row.payload["mark"] for row in rows), (row.payload["owner"] for row in rows)
    )
    kept = [
        item
        for item in found
        if (not object_id or item["id"] == object_id) and _wanted(request, item)
    ]
    if object_id and not kept:
        raise NotFound("no_such_object", _("There is no such object in this collection."))
    if object_id.startswith(_SHARED):
        return view.answer(_envelope(kept, rows, more), **headers)  # it says nothing of an alert
    note_reading(
        partner=partner,
        form="taxii",
        first=rows[0].seq if rows else 0,
        last=rows[-1].seq if rows else 0,
        count=len(rows),
        by=Actor("agency", partner.pk, str(partner.agency)),
        at=timezone.now(),
    )
    return view.answer(_envelope(kept, rows, more), **headers)


_SHARED = ("identity--", "marking-definition--", "extension-definition--")


def _envelope(objects: list[dict[str, Any]], rows: list[Release], more: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"more": more}
    if objects:
        body["objects"] = objects
    if more:
        body["next"] = str(rows[-1].seq)
    return body


def _page(
    request: Request, partner: Partner, object_id: str = ""
) -> tuple[list[Release], bool, dict[str, str]]:
    """The releases of one page by `limit`, `next` and `added_after`, and the two date headers.

    Of one object those that it stands for; of one that all share, all.
    """
    asked = request.query_params
    errors = []
    numbers = {"limit": PAGE, "next": 0}
    for name in numbers:
        text = asked.get(name, str(numbers[name]))
        if text.isascii() and text.isdigit() and len(text) < 19:
            numbers[name] = int(text)
        else:
            errors.append(FieldError(name, "not_a_number", _("Write a whole number.")))
    after: datetime | None = None
    if "added_after" in asked:
        try:
            after = InstantField().run_validation(asked["added_after"])
        except ValidationError:
            text_ = _("Write a date and time with its offset.")
            errors.append(FieldError("added_after", "not_an_instant", text_))
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
    rows = feed.readable(partner, timezone.now()).filter(seq__gt=numbers["next"]).order_by("seq")
    if after is not None:
        rows = rows.filter(released_at__gt=after)
    if object_id:
        if not object_id.startswith(_SHARED):
            kind = object_id.partition("--")[0]
            subjects = set(rows.values_list("subject_id", flat=True))
            meant = [one for one in subjects if stix_id(kind, str(one)) == object_id]
            rows = rows.filter(subject_id__in=meant)
        return list(rows), False, {}
    limit = max(1, min(numbers["limit"], PAGE))
    some = list(rows[: limit + 1])
    kept = some[:limit]
    headers = {}
    if kept:
        headers = {
            "X-TAXII-Date-Added-First": instant(kept[0].released_at) or "",
            "X-TAXII-Date-Added-Last": instant(kept[-1].released_at) or "",
        }
    return kept, len(some) > limit, headers


_MATCHES: dict[str, Callable[[dict[str, Any]], str]] = {
    "match[id]": lambda found: str(found["id"]),
    "match[type]": lambda found: str(found["type"]),
    "match[spec_version]": lambda found: str(found.get("spec_version", "2.1")),
}


def _wanted(request: Request, found: dict[str, Any]) -> bool:
    return all(
        value_of(found) in request.query_params[name].split(",")
        for name, value_of in _MATCHES.items()
        if name in request.query_params
    )
