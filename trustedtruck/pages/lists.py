"""Long lists, page by page."""

from collections.abc import Sequence
from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)


def page_of(request: HttpRequest, rows: QuerySet[M] | Sequence[M], size: int = 50) -> Page[M]:
    """The page that `?page=` names; where there is none such, the nearest."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
