"""997, the functional acknowledgement, and TA1: what of a message could be read (X12.20, X12.5)."""

from collections.abc import Sequence
from typing import NamedTuple

from trustedtruck.manifests.x12.envelope import Fault, Group, Interchange, Segment, TransactionSet
from trustedtruck.manifests.x12.segments import SegmentError
from trustedtruck.manifests.x12.writer import Set, segment

NOT_SUPPORTED, SEGMENTS_IN_ERROR = "1", "5"
MAX_DETAILS = 500


class Judged(NamedTuple):
    """A transaction set with what was found: `faults` of its envelope, `errors` of its segments."""

    one: TransactionSet
    errors: tuple[SegmentError, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.errors and not self.faults


def acknowledge(group: Group, judged: Sequence[Judged], faults: Sequence[Fault]) -> Set:
    """The 997 for one group. AK9 is A, P or R; a fault of the group itself rejects all of it."""
    segments: list[Segment] = [
        segment("AK1", _harmless(group.code, 2), _harmless(group.control, 9))
    ]
    for item in judged:
        segments.append(segment("AK2", _harmless(item.one.code, 3), _harmless(item.one.control, 9)))
        for error in item.errors[:MAX_DETAILS]:
            segments.append(
                segment("AK3", _harmless(error.tag), str(error.position), "", error.code)
            )
            segments += [
                segment("AK4", str(e.position), str(e.number or ""), e.code, _harmless(e.data))
                for e in error.elements
            ]
        codes = [f.code for f in item.faults] + ([SEGMENTS_IN_ERROR] if item.errors else [])
        segments.append(segment("AK5", "R" if codes else "A", *list(dict.fromkeys(codes))[:5]))
    good = 0 if faults else sum(item.accepted for item in judged)
    verdict = "R" if faults or not judged or not good else "A" if good == len(judged) else "P"
    count = str(len(judged))
    codes = list(dict.fromkeys(f.code for f in faults))[:5]
    segments.append(segment("AK9", verdict, count, count, str(good), *codes))
    return Set("997", segments)


def _harmless(text: str, most: int = 99) -> str:
    """A copy of what was sent that cannot break the answer."""
    return "".join(c if c.isprintable() else " " for c in text[:most])


def ta1(interchange: Interchange) -> Segment:
    """TA1 for the interchange: A, or R with the code of its first fault."""
    header = interchange.header
    code = interchange.faults[0].code if interchange.faults else "000"
    return segment(
        "TA1", header[13], header[9], header[10], "R" if interchange.faults else "A", code
    )
