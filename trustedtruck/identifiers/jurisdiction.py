"""Where a licence plate was issued."""

from trustedtruck.identifiers.characters import LETTERS, codes, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

MIN_LENGTH, MAX_LENGTH = 2, 3

UNITED_STATES = codes(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI"
)
CANADA = codes("AB BC MB NB NL NS NT NU ON PE QC SK YT")
# DIF was Mexico City until 2016, and plates and registers still say so.
MEXICO = codes(
    "AGU BCN BCS CAM CHH CHP CMX COA COL DIF DUR GRO GUA HID JAL MEX MIC MOR NAY NLE OAX PUE QUE "
    "ROO SIN SLP SON TAB TAM TLA VER YUC ZAC"
)
KNOWN = UNITED_STATES | CANADA | MEXICO


def normalise(text: str) -> str:
    """Upper case, without spaces, hyphens and dots."""
    return compact(text)


def check(text: str) -> Checked:
    """A plate's jurisdiction: 2 or 3 letters.

    USPS codes for the United States, ISO 3166-2 for Canada (2 letters) and Mexico (3 letters, as
    CBP asks since CSMS 17-000337).

    Errors: `jurisdiction_length`, `jurisdiction_characters`. Warning: `jurisdiction_unknown`, a
    code of none of the three countries.
    """
    value = normalise(text)
    errors = []
    if not MIN_LENGTH <= len(value) <= MAX_LENGTH:
        errors.append(
            Finding(
                "jurisdiction_length",
                _("A plate's state or province has 2 or 3 letters; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, LETTERS):
        errors.append(
            Finding(
                "jurisdiction_characters",
                _("A plate's state or province is made of the letters A to Z."),
            )
        )
    if errors or value in KNOWN:
        return Checked(value, tuple(errors))
    unknown = Finding(
        "jurisdiction_unknown",
        _("%(found)s is no state or province of the United States, Canada or Mexico."),
        {"found": value},
    )
    return Checked(value, warnings=(unknown,))
