"""What a page answers, by the forms that it shows."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import chain

from django import forms


def status_of(context: Mapping[str, object]) -> int:
    """A page's status by the forms on it: 400 where it shows one that was refused, else 200.

    Forms stand in the context by themselves or in a list.
    """
    shown = chain.from_iterable(
        value if isinstance(value, list) else [value] for value in context.values()
    )
    refused = any(isinstance(one, forms.BaseForm) and one.errors for one in shown)
    return HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK
