"""Writing interchanges: counts, control numbers, the fixed-width ISA, and fitting delimiters."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from trustedtruck.manifests.x12.envelope import Delimiters, Segment

VERSIONS = ("004060", "005020")
_USUAL = Delimiters()
# No sign of these is likely in a text; control characters last, which no text may hold.
_SPARE = "|!;?\x1c\x1d\x1e\x1f"


COMPONENT = "\x1a"  # stands for the component separator until the delimiters are chosen


class Set(NamedTuple):
    """A transaction set to be written: what stands between ST and SE."""

    code: str
    segments: Sequence[Sequence[str]]


class Head(NamedTuple):
    """Who writes to whom, when, and the control numbers. `at` is written as UTC is given."""

    sender: str
    receiver: str
    at: datetime
    control: int
    group: str
    version: str = "004060"
    test: bool = False


def write(head: Head, sets: Iterable[Set], *, before: Sequence[Sequence[str]] = ()) -> str:
    """One interchange with one group; `before` stands between ISA and GS (TA1). No line ends.

    Raises `ValueError` where a text leaves no delimiter free.
    """
    sets = list(sets)
    texts = [e for s in sets for segment in s.segments for e in segment]
    d = choose([*texts, *(e for segment in before for e in segment), head.sender, head.receiver])
    day, time = head.at.strftime("%Y%m%d"), head.at.strftime("%H%M")
    isa = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", head.sender[:15].ljust(15),
        "ZZ", head.receiver[:15].ljust(15), day[2:], time,
        d.repetition, "00406" if head.version == "004060" else "00502",
        f"{head.control:09d}", "0", "T" if head.test else "P", d.component,
    ]  # fmt: skip
    lines: list[Sequence[str]] = [isa, *before]
    groups = 0
    if sets:
        groups = 1
        number = str(head.control)
        lines.append(
            ["GS", head.group, head.sender, head.receiver, day, time, number, "X", head.version]
        )
        for i, one in enumerate(sets, 1):
            lines.append(["ST", one.code, f"{i:04d}"])
            lines += one.segments
            lines.append(["SE", str(len(one.segments) + 2), f"{i:04d}"])
        lines.append(["GE", str(len(sets)), number])
    lines.append(["IEA", str(groups), f"{head.control:09d}"])
    return "".join(_line(line, d) + d.segment for line in lines)


def choose(texts: Iterable[str]) -> Delimiters:
    """The usual delimiters, each replaced where a text holds it: X12 knows no way to escape one."""
    used: set[str] = set().union(*texts)
    spare = [sign for sign in _SPARE if sign not in used]
    chosen = []
    for sign in _USUAL:
        if sign not in used:
            chosen.append(sign)
        elif spare:
            chosen.append(spare.pop(0))
        else:
            raise ValueError("the texts leave no sign free for a delimiter")
    return Delimiters(*chosen)


def _line(segment: Sequence[str], d: Delimiters) -> str:
    elements = list(segment)
    while elements and elements[-1] == "" and elements[0] != "ISA":
        elements.pop()
    return d.element.join(elements).replace(COMPONENT, d.component)


def segment(tag: str, *elements: str) -> Segment:
    """A segment from its tag and elements; line ends in a text become spaces."""
    return [tag, *(" ".join(e.split("\n")).replace("\r", "") if "\n" in e else e for e in elements)]
