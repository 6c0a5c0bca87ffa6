"""What an inspector should look for, from the reasons why the truck was sent to inspection."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Station

K = Station.Kind


@dataclass(frozen=True, slots=True)
class Hint:
    """What to look for, and the kind of station that can tell."""

    text: str | Promise
    station: str


IDENTITY = Hint(_("Compare the truck, its plate and tag with the credential and papers."), K.DOCK)
DRIVER = Hint(_("Compare the driver with card, credential and crew list."), K.DOCK)
PAPERS = Hint(_("Compare the load with the manifest, or have one filed."), K.NII_PORTAL)
SEALS = Hint(_("View, verify, tug, twist and turn each seal; compare the numbers."), K.DOCK)
WEIGHT = Hint(_("Weigh again; look for hidden compartments and undeclared goods."), K.NII_PORTAL)
RADIATION = Hint(
    _("Measure again with a handheld; keep people away until it is clear."), K.RADIATION
)
PLANTS = Hint(
    _("Check the plant-health certificate against goods and seal; look for pests."), K.AGRICULTURE
)
CLONE = Hint(_("One of two trucks with this tag is a copy: compare VIN, plate and tag."), K.DOCK)
EVASION = Hint(
    _("An earlier exam was avoided: scan truck and trailer before anything else."), K.NII_PORTAL
)
GENERAL = Hint(_("Nothing in particular: the usual scan."), K.NII_PORTAL)

HINTS: dict[str, Hint] = {
    **dict.fromkeys(
        (
            "radiation_alarm",
            "radiation_not_measured",
        ),
        RADIATION,
    ),
    **dict.fromkeys(("seals_disagree", "seal_not_high_security"), SEALS),
    "weight_disagrees": WEIGHT,
    "plant_health_certificate_missing": PLANTS,
    "tag_at_two_gates": CLONE,
    "qr_at_two_gates": CLONE,
    **dict.fromkeys(("exam_owed", "exam_not_appeared"), EVASION),
}
_BY_WORD = {"driver": DRIVER, "card": DRIVER, "manifest": PAPERS, "trip": PAPERS, "laden": PAPERS}
_BY_WORD |= {"partner": PAPERS, "truck": IDENTITY, "tag": IDENTITY, "plate": IDENTITY}
_BY_WORD |= {"credential": IDENTITY, "carrier": IDENTITY, "drawn": GENERAL}


def hint_of(code: str) -> Hint:
    """By the reason's own entry, else by a word in its code, else the usual scan."""
    if code in HINTS:
        return HINTS[code]
    words = code.split("_")
    return next((hint for word, hint in _BY_WORD.items() if word in words), GENERAL)


def look_for(reasons: Iterable[str]) -> list[Hint]:
    """Each hint once, in the order of the reasons; what says nothing in particular comes last."""
    found = list(dict.fromkeys(hint_of(code) for code in reasons))
    special = [hint for hint in found if hint is not GENERAL]
    return special or [GENERAL]
