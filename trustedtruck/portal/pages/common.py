"""What the views share."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from trustedtruck.core.page_status import status_of
from trustedtruck.portal.access import Member, context_of

M = TypeVar("M", bound=Model)


def show(
    request: HttpRequest,
    member: Member,
    template: str,
    *,
    status: int | None = None,
    **context: Any,
) -> HttpResponse:
    """A page of the portal; without a `status`, the context's forms say it."""
    return render(
        request,
        f"portal/{template}",
        context_of(request, member) | context,
        status=status or status_of(context),
    )


def own(member: Member, rows: QuerySet[M], **key: Any) -> M:
    """One row of the member's carrier. Another carrier's row looks like none at all."""
    found = rows.filter(carrier=member.carrier, **key).first()
    if found is None:
        raise Http404
    return found
