"""Electronic product code on a truck's tag: GIAI-96, SGTIN-96 and GRAI-96.

Source: GS1 EPC Tag Data Standard (TDS), sections on EPC URI and on EPC binary encoding.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from trustedtruck.identifiers.characters import DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding, _

HEX_LENGTH = 24
HEX_DIGITS = DIGITS | set("ABCDEF")
MAX_FILTER = 7

# By partition, the company prefix in bits and in decimal digits; the three schemes share the
# table. Partition 7 is reserved.
_PREFIX = ((40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6))
_LONGEST_PREFIX = 12
_PREFIX_LENGTHS = frozenset(digits for _bits, digits in _PREFIX)


class Scheme(StrEnum):
    """How the 96 bits are divided; the value is the scheme's name in a tag URI."""

    GIAI_96 = "giai-96"
    GRAI_96 = "grai-96"
    SGTIN_96 = "sgtin-96"


@dataclass(frozen=True)
class _Layout:
    header: int
    # Company prefix and reference share these bits and, where the reference is padded with
    # zeros, these digits.
    shared_bits: int
    shared_digits: int | None
    serial_bits: int


_LAYOUTS = {
    Scheme.GIAI_96: _Layout(0x34, 82, None, 0),
    Scheme.GRAI_96: _Layout(0x33, 44, 12, 38),
    Scheme.SGTIN_96: _Layout(0x30, 44, 13, 38),
}
_SCHEMES = {layout.header: scheme for scheme, layout in _LAYOUTS.items()}

_URI = re.compile(
    r"urn:epc:(?:tag:(?P<tag>giai|grai|sgtin)-96:(?P<filter>[0-9])\.|id:(?P<id>giai|grai|sgtin):)"
    r"(?P<prefix>[0-9]{1,20})\.(?P<reference>[0-9]{0,20})(?:\.(?P<serial>[0-9]{1,20}))?"
)

_WRONG_COMPANY_PREFIX = Finding(
    "epc_company_prefix",
    _("The company prefix of an EPC has 6 to 12 digits, as its partition says."),
)


class NotAnEpc(ValueError):
    """No EPC of the three schemes; `findings` say why."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(" ".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True)
class Epc:
    """One EPC. Digits are kept as text, because leading zeros count.

    `reference` is the individual asset (GIAI), the indicator and item (SGTIN) or the asset type
    (GRAI; empty when the company prefix has 12 digits). `serial` is empty for a GIAI.

    Raises `NotAnEpc`, with every finding at once, when 96 bits cannot hold it: `epc_filter`,
    `epc_company_prefix`, `epc_reference`, `epc_serial`.
    """

    scheme: Scheme
    filter: int
    company_prefix: str
    reference: str
    serial: str = ""

    def __post_init__(self) -> None:
        findings = []
        if not 0 <= self.filter <= MAX_FILTER:
            findings.append(
                Finding(
                    "epc_filter",
                    _("The filter of an EPC is 0 to 7, not %(found)s."),
                    {"found": self.filter},
                )
            )
        if not self._company_prefix_fits():
            findings.append(_WRONG_COMPANY_PREFIX)
        elif not self._reference_fits():
            findings.append(
                Finding(
                    "epc_reference",
                    _("The reference of this EPC does not fit its scheme and company prefix."),
                )
            )
        if not self._serial_fits():
            findings.append(
                Finding("epc_serial", _("The serial number of this EPC does not fit its scheme."))
            )
        if findings:
            raise NotAnEpc(*findings)

    def _company_prefix_fits(self) -> bool:
        return len(self.company_prefix) in _PREFIX_LENGTHS and made_of(self.company_prefix, DIGITS)

    def _reference_fits(self) -> bool:
        layout = _LAYOUTS[self.scheme]
        if layout.shared_digits is None:
            return _is_number(self.reference, bits=layout.shared_bits - self._prefix_bits)
        length = layout.shared_digits - len(self.company_prefix)
        return len(self.reference) == length and made_of(self.reference, DIGITS)

    def _serial_fits(self) -> bool:
        bits = _LAYOUTS[self.scheme].serial_bits
        return _is_number(self.serial, bits=bits) if bits else self.serial == ""

    @property
    def partition(self) -> int:
        """Where the bits of the company prefix end."""
        return _LONGEST_PREFIX - len(self.company_prefix)

    @property
    def _prefix_bits(self) -> int:
        return _PREFIX[self.partition][0]


def _is_number(text: str, *, bits: int) -> bool:
    """A decimal number without leading zeros that fits the bits."""
    if not (text and made_of(text, DIGITS)) or (text[0] == "0" and text != "0"):
        return False
    # Length first: converting a text of any length to an integer takes more than linear time.
    return len(text) <= len(str(1 << bits)) and int(text) < 1 << bits


def normalise(text: str) -> str:
    """Hex in upper case, without 0x, spaces, hyphens and dots: 24 digits when it is right."""
    value = compact(text)
    rest = value.removeprefix("0X")
    # Only before hex: taken off anything else, one 0x after another would come off.
    return rest if made_of(rest, HEX_DIGITS) else value


def check(text: str) -> Checked:
    """The hex form of a GIAI-96, SGTIN-96 or GRAI-96.

    Errors: `epc_length`, `epc_characters`, `epc_header`, `epc_partition`, `epc_company_prefix`,
    `epc_reference`.
    """
    value = normalise(text)
    try:
        parse_hex(value)
    except NotAnEpc as refusal:
        return Checked(value, refusal.findings)
    return Checked(value)


def parse_hex(text: str) -> Epc:
    """Read the 96 bits of a tag, as hex with or without 0x.

    Raises `NotAnEpc` with the errors of `check`.
    """
    value = normalise(text)
    findings = []
    if len(value) != HEX_LENGTH:
        findings.append(
            Finding(
                "epc_length",
                _("An EPC of 96 bits has 24 hex digits; this one has %(count)s."),
                {"count": len(value)},
            )
        )
    if not made_of(value, HEX_DIGITS):
        findings.append(
            Finding("epc_characters", _("An EPC is made of the hex digits 0 to 9 and A to F."))
        )
    if findings:
        raise NotAnEpc(*findings)
    bits = _Bits(int(value, 16))
    scheme = _SCHEMES.get(bits.take(8))
    if scheme is None:
        raise NotAnEpc(
            Finding(
                "epc_header",
                _("An EPC begins with 34 (GIAI-96), 30 (SGTIN-96) or 33 (GRAI-96), not %(found)s."),
                {"found": value[:2]},
            )
        )
    filter_value = bits.take(3)
    partition = bits.take(3)
    if partition >= len(_PREFIX):
        raise NotAnEpc(Finding("epc_partition", _("Partition 7 of an EPC is reserved.")))
    layout = _LAYOUTS[scheme]
    prefix_bits, prefix_digits = _PREFIX[partition]
    company_prefix = _padded(bits.take(prefix_bits), prefix_digits)
    if len(company_prefix) != prefix_digits:
        # Its length decides the partition of an Epc, so one digit more would pass for another.
        raise NotAnEpc(_WRONG_COMPANY_PREFIX)
    reference = bits.take(layout.shared_bits - prefix_bits)
    return Epc(
        scheme=scheme,
        filter=filter_value,
        company_prefix=company_prefix,
        reference=(
            str(reference)
            if layout.shared_digits is None
            else _padded(reference, layout.shared_digits - prefix_digits)
        ),
        serial=str(bits.take(layout.serial_bits)) if layout.serial_bits else "",
    )


def to_hex(epc: Epc) -> str:
    """The 96 bits as 24 upper-case hex digits: the form in which tags are stored."""
    layout = _LAYOUTS[epc.scheme]
    value = layout.header << 3 | epc.filter
    value = value << 3 | epc.partition
    value = value << epc._prefix_bits | int(epc.company_prefix)
    value = value << (layout.shared_bits - epc._prefix_bits) | int(epc.reference or "0")
    value = value << layout.serial_bits | int(epc.serial or "0")
    return f"{value:0{HEX_LENGTH}X}"


def to_uri(epc: Epc) -> str:
    """The tag URI, which keeps the filter: `urn:epc:tag:giai-96:0.000001.1`."""
    return f"urn:epc:tag:{epc.scheme}:{epc.filter}.{_fields(epc)}"


def to_identity_uri(epc: Epc) -> str:
    """The pure identity URI, which names the thing and not the tag: `urn:epc:id:giai:000001.1`."""
    return f"urn:epc:id:{epc.scheme.removesuffix('-96')}:{_fields(epc)}"


def from_uri(text: str, *, filter_value: int = 0) -> Epc:
    """Read a tag URI, or a pure identity URI; `filter_value` is for the latter, which has none.

    Raises `NotAnEpc` with `epc_uri` or an error of `Epc`.
    """
    found = _URI.fullmatch(text)
    if found is None:
        raise NotAnEpc(
            Finding(
                "epc_uri",
                _("This is not a URI of the form urn:epc:tag:giai-96:… or urn:epc:id:giai:…."),
            )
        )
    return Epc(
        scheme=Scheme(f"{found['tag'] or found['id']}-96"),
        filter=int(found["filter"]) if found["tag"] else filter_value,
        company_prefix=found["prefix"],
        reference=found["reference"],
        serial=found["serial"] or "",
    )


def _fields(epc: Epc) -> str:
    fields = [epc.company_prefix, epc.reference]
    if _LAYOUTS[epc.scheme].serial_bits:
        fields.append(epc.serial)
    return ".".join(fields)


def _padded(value: int, digits: int) -> str:
    """The decimal digits; of no digits at all, zero is the empty text (TDS, GRAI partition 0)."""
    return str(value).zfill(digits) if digits or value else ""


class _Bits:
    """96 bits, taken from the left."""

    def __init__(self, value: int) -> None:
        self._value = value
        self._left = HEX_LENGTH * 4

    def take(self, count: int) -> int:
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)
