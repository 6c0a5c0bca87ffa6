"""X12 by itself: what we write we read back equal, and nothing whatever makes the reader fall."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.manifests.strategies import consists, manifests
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.x12 import customs_309, customs_358, envelope, message, replies, writer
from trustedtruck.manifests.x12.envelope import Unreadable
from trustedtruck.manifests.x12.writer import Head, Set, write

AT = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)


def head(version: str = "004060", group: str = "AQ") -> Head:
    return Head("NRTE", "TRUSTEDTRUCK", AT, 1, group, version)


def only(text: str) -> message.Read:
    read = message.read(text.encode())
    assert not read.interchange.faults
    assert not read.groups[0].faults
    (item,) = read.groups[0].sets
    return item


@pytest.mark.parametrize("version", writer.VERSIONS)
@settings(max_examples=60, deadline=None)
@given(filing=consists())
def test_a_358_that_we_write_is_read_back_equal(version: str, filing: doc.Filing) -> None:
    item = only(write(head(version), [customs_358.write(filing, version=version)]))

    assert item.judged.accepted, item.judged
    assert item.filing == filing


@pytest.mark.parametrize("version", writer.VERSIONS)
@settings(max_examples=60, deadline=None)
@given(filing=manifests())
def test_a_309_that_we_write_is_read_back_equal(version: str, filing: doc.Filing) -> None:
    item = only(write(head(version), [customs_309.write(filing, version=version)]))

    assert item.judged.accepted, item.judged
    assert item.filing == filing


@settings(max_examples=100, deadline=None)
@given(
    statuses=st.lists(
        st.builds(
            replies.Status,
            code=st.sampled_from(["1A", "1C", "4A"]),
            at=st.just(AT),
            control_number=st.sampled_from(["", "NRTE12345678", "NRTE1234567890AB"]),
            text=st.sampled_from(["", "FILED", "ON FILE SINCE NOON"]),
        ),
        max_size=4,
    )
)
def test_a_350_is_read_back_equal(statuses: list[replies.Status]) -> None:
    filing = doc.Filing("complete", "NRTE", "NRTE0001", port="2304")
    text = write(head(group="AU"), [replies.write_350(filing, statuses, version="004060")])

    interchange = envelope.parse(text)

    assert replies.read_350(interchange.groups[0].sets[0]) == ("NRTE0001", statuses)


def test_a_353_is_read_back_equal() -> None:
    filing = doc.Filing("complete", "NRTE", "NRTE0001", port="2304")
    events = (replies.Event("A", "NRTE0001", AT, "2304", "NRTE"),)

    item = only(write(head(), [replies.write_353(filing, events, version="004060")]))

    assert item.events == events


def test_the_isa_is_106_characters_and_the_counts_are_exact() -> None:
    text = write(head(), [Set("309", [["M10", "NRTE", "J"], ["P4", "2304", "20261124"]])])

    assert text.index("~") == 105
    assert "ST*309*0001~M10*NRTE*J~P4*2304*20261124~SE*4*0001~GE*1*1~IEA*1*000000001~" in text


def test_delimiters_are_chosen_so_that_texts_survive() -> None:
    text = write(head(), [Set("309", [["M10", "A*B~C>D^E"]])])

    interchange = envelope.parse(text)

    assert interchange.groups[0].sets[0].segments == [["M10", "A*B~C>D^E"]]


GOOD = write(
    head(),
    [
        customs_309.write(
            doc.Filing(
                "complete",
                "NRTE",
                "NRTE0001",
                port="2304",
                shipments=(doc.Shipment("NRTE1234", commodities=(doc.Commodity("X", 1),)),),
            ),
            version="004060",
        )
    ],
)


def faults(text: str) -> list[str]:
    read = message.read(text.encode())
    found = [f"TA1 {f.code}" for f in read.interchange.faults]
    for group in read.groups:
        found += [f"AK9 {f.code}" for f in group.faults]
        for item in group.sets:
            found += [f"AK5 {f.code}" for f in item.judged.faults]
            found += [f"AK3 {e.tag} {e.code}" for e in item.judged.errors]
    return found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SE*8*", "SE*9*", ["AK5 4"]),
        ("SE*8*0001", "SE*8*0002", ["AK5 3"]),
        ("SE*8*0001~", "", ["AK5 2"]),
        ("ST*309*", "ST*310*", ["AK5 1"]),
        ("ST*309*0001", "ST*309*1", ["AK5 7", "AK5 3"]),
        ("GE*1*1", "GE*2*1", ["AK9 5"]),
        ("GE*1*1", "GE*1*7", ["AK9 4"]),
        ("GE*1*1~", "", ["AK9 3"]),
        ("*004060~", "*003030~", ["AK9 2"]),
        ("GS*AQ", "GS*PO", ["AK9 1"]),
        ("IEA*1*000000001", "IEA*1*000000009", ["TA1 001"]),
        ("IEA*1*", "IEA*3*", ["TA1 021"]),
        ("IEA*1*000000001~", "", ["TA1 023"]),
        ("IEA*1*000000001~", "IEA*1*0000", ["TA1 023"]),
        ("IEA*1*000000001~", "IEA*1*000000001~ISA~", ["TA1 024"]),
        ("P4*2304*19700101", "P4*2304*20263112", ["AK3 P4 8"]),
        ("P4*2304*19700101", "P4*2304*31/12/26", ["AK3 P4 8"]),
        ("P4*2304*19700101~", "", ["AK5 4"]),
        ("P4*2304*19700101~", "K1*HELLO~", ["AK3 P4 3"]),
        ("M11*1234", "ZZZ*1234", ["AK3 ZZZ 1"]),
        ("N10*1*X", "N10*-4E9*X", ["AK3 N10 8"]),
        ("N10*1*X", "N10*NaN*X", ["AK3 N10 8"]),
    ],
)
def test_each_fault_has_its_code(old: str, new: str, expected: list[str]) -> None:
    assert old in GOOD
    assert faults(GOOD.replace(old, new)) == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "no_isa"),
        (b"hello", "no_isa"),
        (b"ISA*00*", "truncated"),
        (GOOD.replace("*00*", "*0*", 1).encode(), "isa_width"),
        (GOOD.encode("utf-16"), "encoding"),
        (GOOD.replace("NRTE0001", "NRTÉ0001").encode("latin-1"), "encoding"),
        (GOOD.replace("*", "~").encode(), "delimiters"),
        (b"ISA" + b"A" * 200, "isa_width"),
        (GOOD.encode() + b"~" * envelope.MAX_SEGMENTS, "too_many_segments"),
    ],
)
def test_what_is_no_interchange_says_why(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        message.read(body)
    assert refused.value.code == code


@settings(max_examples=200, deadline=None)
@given(
    body=st.binary(max_size=400) | st.binary(max_size=200).map(lambda b: GOOD[:106].encode() + b)
)
def test_no_bytes_make_the_reader_fall(body: bytes) -> None:
    with suppress(Unreadable):
        message.read(body)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_cut_or_splice_makes_the_reader_fall(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    upto = data.draw(st.integers(at, len(GOOD)))
    filling = data.draw(st.text("*~^>\n0A ñ", max_size=12))
    with suppress(Unreadable):
        message.read((GOOD[:at] + filling + GOOD[upto:]).encode())


def test_line_ends_between_segments_are_for_people() -> None:
    assert (
        message.read(GOOD.replace("~", "~\r\n").encode()).groups
        == message.read(GOOD.encode()).groups
    )
