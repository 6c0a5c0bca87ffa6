"""What the tests of identifiers share: good samples, hostile texts, codes of findings."""

from hypothesis import strategies as st

from trustedtruck.identifiers.checked import Finding

GOOD = {
    "bn": "123026635RC0001",
    "caat": "3A7K",
    "curp": "BOXW310820HNERXN09",
    "ein": "911144442",
    "epc": "341800004000000000000001",
    "fast_card": "41105555123456",
    "hs": "0702000035",
    "iso6346": "CSQU3054383",
    "jurisdiction": "TAM",
    "pedimento": "244738074001234",
    "plate": "1AB2345",
    "port_code": "2304",
    "rfc": "GODE561231GR8",
    "scac": "ABCD",
    "seal": "ABC-1234567",
    "shipment_control_number": "ABCD12345678",
    "tax_id": "B12345678",
    "trip_number": "ABCD202406010001",
    "usdot": "1234567",
    "vin": "1M8GDM9AXKP042788",
}

# Each looks like, or becomes under str.upper() or NFKC, the ASCII character it stands for.
LOOKALIKES = "１٣۴०²①ⅣАВСЕНКМОРТХΑΒΕſıＡａﬁß" + "\u212a\u212b"  # Kelvin and Ångström signs
HOSTILE = f"{LOOKALIKES}\u0303\u200b\u00a0\u2010\u2212\x00\n\t\r_+%"


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def texts() -> st.SearchStrategy[str]:
    """Any text; texts of the characters that matter here; good samples with one change."""
    near = st.text("019AFIOQUXZafiouxzÑñ& -.:" + HOSTILE, max_size=30)
    return (
        st.text(st.characters(), max_size=40) | near | st.builds(_changed, _samples, _place, near)
    )


def _changed(sample: str, place: int, piece: str) -> str:
    place %= len(sample) + 1
    return sample[:place] + piece[:2] + sample[place + len(piece) % 2 :]


_samples = st.sampled_from(sorted(GOOD.values()))
_place = st.integers(0, 30)
