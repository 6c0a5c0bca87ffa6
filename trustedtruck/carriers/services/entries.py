"""What every service that takes a form needs: all errors at once, and honest refusals."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError, Invalid, Refused, Text
from trustedtruck.identifiers.checked import Checked


class Entries:
    """Collects the errors of many fields, so that a caller hears of all of them at once."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def take(self, field: str, text: str, check: Callable[[str], Checked]) -> str:
        checked = check(text)
        self.errors += [
            FieldError(field, e.code, gettext(e.text) % dict(e.params)) for e in checked.errors
        ]
        return checked.value

    def wrong(self, field: str, code: str, text: Text) -> None:
        self.errors.append(FieldError(field, code, text))

    def need(self, field: str, text: str) -> str:
        """The text without outer blanks; an empty one is an error."""
        found = text.strip()
        if not found:
            self.wrong(field, "required", _("This field is required."))
        return found

    def done(self) -> None:
        if self.errors:
            raise Invalid(tuple(self.errors), _("Some fields are wrong."))


def insert(write: Callable[[], object]) -> None:
    """Run an insert; a broken unique constraint is a refusal that names the constraint."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        raise Refused(
            "already_in_use",
            _("One of these identifiers is in use already."),
            constraint=constraint or "",
        ) from error
