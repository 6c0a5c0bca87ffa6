"""A page makes one service call, and says what came of it."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest

from trustedtruck.core.errors import DomainError
from trustedtruck.pages.forms import ServiceForm

T = TypeVar("T")
# What the next page says once it is done; where it depends on the service's answer, made from that.
Said = str | Callable[[T], str]


def carried_out(
    request: HttpRequest, form: ServiceForm, service: Callable[[], T], said: Said[T] = ""
) -> T | None:
    """The service's answer, where the form was sent and stands, and the service did it.

    None: show the form again. It holds what was wrong, or was only asked for.
    """
    if not form.is_valid():
        return None
    answer = form.attempt(service)
    if answer is not None:
        _say(request, answer, said)
    return answer


def tried(request: HttpRequest, service: Callable[[], T], said: Said[T] = "") -> bool:
    """Whether a button's service did it; the next page says that, or why not."""
    try:
        answer = service()
    except DomainError as refusal:
        messages.error(request, str(refusal.errors[0].text if refusal.errors else refusal.text))
        return False
    _say(request, answer, said)
    return True


def _say(request: HttpRequest, answer: T, said: Said[T]) -> None:
    text = said if isinstance(said, str) else said(answer)
    if text:
        messages.success(request, text)
