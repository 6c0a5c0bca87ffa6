from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identifiers.support import codes
from trustedtruck.identifiers import epc
from trustedtruck.identifiers.epc import Epc, NotAnEpc, Scheme

SAMPLES = {
    "341800004000000000000001": "urn:epc:tag:giai-96:0.000001.1",
    # The examples of the GS1 EPC Tag Data Standard.
    "3474257BF40000000000162E": "urn:epc:tag:giai-96:3.0614141.5678",
    "3374257BF40C0E400000162E": "urn:epc:tag:grai-96:3.0614141.12345.5678",
    "3074257BF7194E4000001A85": "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
}


def refusal(act: Callable[[], object]) -> list[str]:
    with pytest.raises(NotAnEpc) as caught:
        act()
    assert str(caught.value)
    return codes(caught.value.findings)


def tag(header: int, partition: int, rest: int, filter_value: int = 0) -> str:
    """The hex of these fields; `rest` is the 82 bits after the partition."""
    return f"{header << 88 | filter_value << 85 | partition << 82 | rest:024X}"


@pytest.mark.parametrize(("value", "uri"), SAMPLES.items())
def test_hex_and_tag_uri_are_one(value: str, uri: str) -> None:
    assert epc.to_uri(epc.parse_hex(value)) == uri
    assert epc.to_hex(epc.from_uri(uri)) == value


def test_the_parts_of_a_giai() -> None:
    read = epc.parse_hex("0x341800004000000000000001")
    assert read == Epc(Scheme.GIAI_96, filter=0, company_prefix="000001", reference="1")
    assert read.partition == 6


def test_the_parts_of_an_sgtin() -> None:
    read = epc.parse_hex("3074257BF7194E4000001A85")
    assert read == Epc(Scheme.SGTIN_96, 3, "0614141", "812345", "6789")
    assert read.partition == 5


def test_the_identity_uri_leaves_the_filter_out() -> None:
    read = epc.parse_hex("3474257BF40000000000162E")
    assert epc.to_identity_uri(read) == "urn:epc:id:giai:0614141.5678"
    assert epc.from_uri("urn:epc:id:giai:0614141.5678", filter_value=3) == read


def test_the_identity_uri_of_a_grai_has_a_serial() -> None:
    read = epc.parse_hex("3374257BF40C0E400000162E")
    assert epc.to_identity_uri(read) == "urn:epc:id:grai:0614141.12345.5678"


def test_a_grai_with_the_longest_company_prefix_has_no_asset_type() -> None:
    read = Epc(Scheme.GRAI_96, 0, "061414112345", "", "7")
    assert epc.to_uri(read) == "urn:epc:tag:grai-96:0.061414112345..7"
    assert epc.from_uri("urn:epc:tag:grai-96:0.061414112345..7") == read
    assert epc.parse_hex(epc.to_hex(read)) == read


@pytest.mark.parametrize(
    "text",
    ["0x3474257bf40000000000162e", "3474 257B F400 0000 0000 162E", "0X3474-257BF40000000000162E"],
)
def test_the_normal_form_is_24_upper_case_hex_digits(text: str) -> None:
    checked = epc.check(text)
    assert (checked.value, checked.errors) == ("3474257BF40000000000162E", ())


@pytest.mark.parametrize("text", ["34180000400000000000000", "3418000040000000000000011", "", "0x"])
def test_length(text: str) -> None:
    assert codes(epc.check(text).errors) == ["epc_length"]


@pytest.mark.parametrize("character", "G_１٣")
def test_characters(character: str) -> None:
    """Underscores and other scripts' digits too, which int(text, 16) would take."""
    text = "34180000400000000000000" + character
    assert codes(epc.check(text).errors) == ["epc_characters"]


def test_length_and_characters_are_told_at_once() -> None:
    assert codes(epc.check("0x0x34").errors) == ["epc_length", "epc_characters"]


@pytest.mark.parametrize("header", ["00", "31", "32", "35", "36", "E2", "FF"])
def test_header(header: str) -> None:
    checked = epc.check(header + "1800004000000000000001")
    assert codes(checked.errors) == ["epc_header"]
    assert str(checked.errors[0]).endswith(f"not {header}.")


@pytest.mark.parametrize("header", [0x30, 0x33, 0x34])
def test_partition(header: int) -> None:
    assert codes(epc.check(tag(header, 7, 1)).errors) == ["epc_partition"]


@pytest.mark.parametrize(("partition", "bits", "digits"), [(0, 40, 12), (5, 24, 7), (6, 20, 6)])
def test_company_prefix(partition: int, bits: int, digits: int) -> None:
    """More than its decimal digits hold; at partition 6 it must not pass for partition 5."""
    largest = tag(0x34, partition, 10**digits - 1 << 82 - bits)
    assert epc.check(largest).ok
    beyond = tag(0x34, partition, 10**digits << 82 - bits)
    assert codes(epc.check(beyond).errors) == ["epc_company_prefix"]


@pytest.mark.parametrize("company_prefix", ["", "12345", "1234567890123", "12345A", "12345１"])
def test_company_prefix_of_a_wrong_length_or_writing(company_prefix: str) -> None:
    found = refusal(lambda: Epc(Scheme.GIAI_96, 0, company_prefix, "1"))
    assert found == ["epc_company_prefix"]


def test_reference() -> None:
    """An SGTIN reference of 24 bits holds more than its 7 digits."""
    assert epc.check(tag(0x30, 6, 9_999_999 << 38)).ok
    assert codes(epc.check(tag(0x30, 6, 10_000_000 << 38)).errors) == ["epc_reference"]


def test_reference_of_a_grai_without_an_asset_type_is_zero() -> None:
    assert epc.check(tag(0x33, 0, 0)).ok
    assert codes(epc.check(tag(0x33, 0, 1 << 38)).errors) == ["epc_reference"]


def test_reference_of_a_giai_takes_all_its_bits() -> None:
    largest = str((1 << 62) - 1)
    assert epc.parse_hex(tag(0x34, 6, (1 << 62) - 1)).reference == largest
    beyond = str(1 << 62)
    assert refusal(lambda: Epc(Scheme.GIAI_96, 0, "000001", beyond)) == ["epc_reference"]


@pytest.mark.parametrize("reference", ["", "01", "00", "A", "9" * 5000])
def test_reference_of_a_giai_is_a_number_without_leading_zeros(reference: str) -> None:
    assert refusal(lambda: Epc(Scheme.GIAI_96, 0, "000001", reference)) == ["epc_reference"]


def test_reference_of_an_sgtin_is_padded() -> None:
    assert refusal(lambda: Epc(Scheme.SGTIN_96, 0, "0614141", "12345", "1")) == ["epc_reference"]


@pytest.mark.parametrize("serial", ["", "01", "A", str(1 << 38)])
def test_serial(serial: str) -> None:
    assert refusal(lambda: Epc(Scheme.SGTIN_96, 0, "0614141", "812345", serial)) == ["epc_serial"]


def test_serial_takes_all_its_bits() -> None:
    largest = Epc(Scheme.SGTIN_96, 7, "0614141", "812345", str((1 << 38) - 1))
    assert epc.parse_hex(epc.to_hex(largest)) == largest


def test_serial_of_a_giai_is_refused() -> None:
    assert refusal(lambda: epc.from_uri("urn:epc:id:giai:0614141.5678.1")) == ["epc_serial"]


@pytest.mark.parametrize("filter_value", [-1, 8])
def test_filter(filter_value: int) -> None:
    assert refusal(lambda: Epc(Scheme.GIAI_96, filter_value, "000001", "1")) == ["epc_filter"]


def test_filter_of_a_uri() -> None:
    assert refusal(lambda: epc.from_uri("urn:epc:tag:giai-96:8.000001.1")) == ["epc_filter"]


def test_wrong_values_are_told_at_once() -> None:
    assert refusal(lambda: Epc(Scheme.SGTIN_96, 8, "1", "1", "")) == [
        "epc_filter",
        "epc_company_prefix",
        "epc_serial",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "urn:epc:id:sscc:0614141.1234567890",
        "urn:epc:tag:giai-202:0.0614141.1",
        "urn:epc:id:giai:0614141.32a%2Fb",
        "urn:epc:tag:giai-96:0614141.5678",
        "urn:epc:tag:giai-96:3.0614141.5678\n",
        "urn:epc:tag:giai-96:٣.0614141.5678",
    ],
)
def test_uri(text: str) -> None:
    assert refusal(lambda: epc.from_uri(text)) == ["epc_uri"]


@st.composite
def epcs(draw: st.DrawFn) -> Epc:
    def padded(length: int) -> str:
        return draw(st.text("0123456789", min_size=length, max_size=length))

    scheme = draw(st.sampled_from(Scheme))
    partition = draw(st.integers(0, 6))
    prefix = padded(12 - partition)
    serial = str(draw(st.integers(0, (1 << 38) - 1)))
    if scheme is Scheme.GIAI_96:
        bits = {0: 42, 1: 45, 2: 48, 3: 52, 4: 55, 5: 58, 6: 62}[partition]
        reference, serial = str(draw(st.integers(0, (1 << bits) - 1))), ""
    else:
        reference = padded(partition + (scheme is Scheme.SGTIN_96))
    return Epc(scheme, draw(st.integers(0, 7)), prefix, reference, serial)


@given(epcs())
@settings(deadline=None)
def test_hex_and_uris_keep_everything(one: Epc) -> None:
    assert epc.check(epc.to_hex(one)).value == epc.to_hex(one)
    assert epc.parse_hex(epc.to_hex(one)) == one
    assert epc.from_uri(epc.to_uri(one)) == one
    assert epc.from_uri(epc.to_identity_uri(one), filter_value=one.filter) == one


@given(st.sampled_from(["30", "33", "34"]), st.integers(0, (1 << 88) - 1))
@settings(deadline=None)
def test_96_bits_are_refused_or_kept(header: str, rest: int) -> None:
    value = f"{header}{rest:022X}"
    if epc.check(value).ok:
        assert epc.to_hex(epc.from_uri(epc.to_uri(epc.parse_hex(value)))) == value


@given(st.text())
@settings(deadline=None)
def test_a_uri_of_any_text_is_read_or_refused(text: str) -> None:
    for uri in (text, f"urn:epc:tag:giai-96:{text}", f"urn:epc:id:grai:{text}"):
        try:
            read = epc.from_uri(uri)
        except NotAnEpc:
            continue
        assert uri in (epc.to_uri(read), epc.to_identity_uri(read))
