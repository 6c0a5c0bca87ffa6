"""How many rows a list gives at once."""

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from trustedtruck.core.errors import FieldError

MOST = 1000


def limit_of(request: Request, *, usual: int, errors: list[FieldError]) -> int:
    """The query's `limit`, `usual` without one. Where it is wrong, `errors` says so afterwards."""
    text = request.query_params.get("limit", str(usual))
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST:
        return int(text)
    wrong = _("This is a whole number from 1 to 1000.")
    errors.append(FieldError("limit", "out_of_range", wrong))
    return usual
