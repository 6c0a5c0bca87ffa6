"""Passwords made of the programme's own words are guessed first."""

import re

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import User

# The words, in both languages, that everybody here has before their eyes.
LEFT = 8
_OURS = re.compile(
    "trustedtruck|trusted|truck|programme|program|programa|customs|aduanas|aduana|cami[oó]n|carrier"
    "|transporte|frontera|border|laredo|cbp|anam|officer|oficial|inspector|password|contrase[nñ]a"
)


class ContextWords:
    """What is left without those words, digits and signs must still be eight letters long."""

    def validate(self, password: str, user: User | None = None) -> None:
        left = re.sub(r"[\W\d_]", "", _OURS.sub("", password.casefold()))
        if _OURS.search(password.casefold()) and len(left) < LEFT:
            raise ValidationError(
                _(
                    "This password is little more than words of the programme, which are"
                    " tried first."
                ),
                code="password_of_context",
            )

    def get_help_text(self) -> str | Promise:
        return _("Your password can’t be little more than words of the programme.")
