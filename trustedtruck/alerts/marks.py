"""TLP 2.0 marks (FIRST, August 2022): how far something may travel. Pure but for the labels."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mark(models.TextChoices):
    """From the widest circle to the narrowest."""

    CLEAR = "clear", _("TLP:CLEAR")
    GREEN = "green", _("TLP:GREEN")
    AMBER = "amber", _("TLP:AMBER")
    AMBER_STRICT = "amber+strict", _("TLP:AMBER+STRICT")
    RED = "red", _("TLP:RED")


_ORDER = {mark.value: n for n, mark in enumerate(Mark)}
# AMBER+STRICT stays within the agency, RED with the persons it was told to.
RELEASABLE = (Mark.CLEAR, Mark.GREEN, Mark.AMBER)


def within(mark: str, limit: str) -> bool:
    """Whether something with this mark may go where things up to `limit` may go.

    An unknown mark goes nowhere, and neither do AMBER+STRICT and RED, whatever the limit says.
    """
    return mark in RELEASABLE and limit in _ORDER and _ORDER[mark] <= _ORDER[limit]
