"""Reading an interchange: delimiters from the fixed-width ISA, exact envelopes and counts.

X12.5 (ISA, IEA) and X12.6 (GS, GE, ST, SE). Nothing here knows a transaction set.
"""

from typing import NamedTuple

ISA_WIDTH = 106
# Each is a list in memory; 9,999 shipments of a dozen segments have 120,000.
MAX_SEGMENTS = 400_000
_ISA_WIDTHS = (3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
Segment = list[str]


class Delimiters(NamedTuple):
    element: str = "*"
    repetition: str = "^"
    component: str = ">"
    segment: str = "~"


class Fault(NamedTuple):
    """What is wrong with an envelope: a code of the level's own list, and where.

    `code` is AK502 for a transaction set, AK905 for a group, TA105 for an interchange.
    """

    code: str
    segment: int
    text: str


class Unreadable(Exception):
    """Not an interchange: nobody can be named to answer to."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class TransactionSet(NamedTuple):
    """`segments` are those between ST and SE; `first` is the number of ST in the interchange."""

    code: str
    control: str
    segments: list[Segment]
    first: int
    faults: tuple[Fault, ...]


class Group(NamedTuple):
    header: Segment
    sets: list[TransactionSet]
    faults: tuple[Fault, ...]

    @property
    def code(self) -> str:
        return element(self.header, 1)

    @property
    def control(self) -> str:
        return element(self.header, 6)

    @property
    def version(self) -> str:
        return element(self.header, 8)


class Interchange(NamedTuple):
    header: Segment
    delimiters: Delimiters
    groups: list[Group]
    faults: tuple[Fault, ...]

    @property
    def sender(self) -> str:
        return element(self.header, 6).strip()

    @property
    def receiver(self) -> str:
        return element(self.header, 8).strip()

    @property
    def control(self) -> str:
        return element(self.header, 13)


def element(segment: Segment, number: int) -> str:
    """Element `number` of a segment, counted from 1 as X12 does; `""` where it is absent."""
    return segment[number] if number < len(segment) else ""


def decode(body: bytes) -> str:
    """The text of a message: UTF-8, of which the basic character set of X12 is a part."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            "encoding", f"The message is not UTF-8 from byte {error.start + 1} on."
        ) from None
    if "\x00" in text:  # which no answer could be stored with
        raise Unreadable("encoding", f"Character {text.index(chr(0)) + 1} is NUL.")
    return text


def delimiters_of(text: str) -> Delimiters:
    """Read the delimiters from the fixed positions of the ISA. Raises `Unreadable`."""
    if not text.startswith("ISA"):
        raise Unreadable("no_isa", "The message does not begin with ISA.")
    if len(text) < ISA_WIDTH:
        raise Unreadable("truncated", "The message ends within the ISA segment.")
    separator = text[3]
    if separator.isalnum() or separator == " ":
        raise Unreadable("isa_width", "The fourth character must be the element separator.")
    fields = text[: ISA_WIDTH - 1].split(separator)
    if tuple(map(len, fields)) != _ISA_WIDTHS:
        raise Unreadable(
            "isa_width", "ISA has 106 characters and 16 elements of fixed width; this one has not."
        )
    # They go back in the answer, and the key of a repeat is made of them.
    if not all(field.isprintable() for field in (*fields[:11], *fields[12:16])):
        raise Unreadable("isa_characters", "ISA holds a character that cannot be printed.")
    end = text[ISA_WIDTH - 1]
    repetition = fields[11] if not fields[11].isalnum() else ""
    chosen = [d for d in (separator, repetition, fields[16], end) if d]
    if len(set(chosen)) < len(chosen) or any(d.isalnum() or d == " " for d in chosen):
        raise Unreadable("delimiters", "The delimiters must be four different signs.")
    return Delimiters(separator, repetition, fields[16], end)


def parse(text: str) -> Interchange:
    """Read one interchange. Faults of envelopes are returned; `Unreadable` only without an ISA."""
    text = text.lstrip("\ufeff\r\n ")
    d = delimiters_of(text)
    if text.count(d.segment) > MAX_SEGMENTS:
        raise Unreadable("too_many_segments", f"There are more than {MAX_SEGMENTS:,} segments.")
    pieces = text.split(d.segment)
    # What follows the last terminator is no segment; line ends between segments are for people.
    rest = pieces.pop().strip()
    separator = d.element
    segments = [
        piece.split(separator)
        for piece in ([p.strip("\r\n") for p in pieces] if "\n" in text or "\r" in text else pieces)
    ]
    return _Reader(segments, d).interchange(rest)


class _Reader:
    def __init__(self, segments: list[Segment], delimiters: Delimiters) -> None:
        self.segments = segments
        self.delimiters = delimiters
        self.at = 1

    def tag(self) -> str:
        return self.segments[self.at][0] if self.at < len(self.segments) else ""

    def interchange(self, rest: str) -> Interchange:
        header = self.segments[0]
        faults: list[Fault] = []
        groups: list[Group] = []
        while self.at < len(self.segments) and self.tag() != "IEA":
            if self.tag() == "GS":
                groups.append(self.group())
            else:
                text = f"{self.tag() or 'An empty segment'} stands outside of a group."
                if not faults:
                    faults.append(Fault("024", self.at + 1, text))
                self.at += 1
        if rest or self.at >= len(self.segments):
            faults.append(Fault("023", self.at + 1, "The interchange ends before its IEA."))
            return Interchange(header, self.delimiters, groups, tuple(faults))
        trailer = self.segments[self.at]
        if element(trailer, 2) != element(header, 13):
            faults.append(Fault("001", self.at + 1, "IEA02 is not the control number of ISA13."))
        if not _is(element(trailer, 1), len(groups)):
            faults.append(Fault("021", self.at + 1, f"IEA01 is not {len(groups)}."))
        if self.at + 1 < len(self.segments):
            faults.append(Fault("024", self.at + 2, "More follows after IEA."))
        return Interchange(header, self.delimiters, groups, tuple(faults))

    def group(self) -> Group:
        header = self.segments[self.at]
        self.at += 1
        faults: list[Fault] = []
        sets: list[TransactionSet] = []
        while self.at < len(self.segments) and self.tag() not in ("GE", "GS", "IEA"):
            if self.tag() == "ST":
                sets.append(self.set())
            else:
                if not faults:
                    faults.append(
                        Fault("6", self.at + 1, f"{self.tag()} stands outside of ST and SE.")
                    )
                self.at += 1
        if self.tag() != "GE":
            faults.append(Fault("3", self.at + 1, "The group ends before its GE."))
            return Group(header, sets, tuple(faults))
        trailer = self.segments[self.at]
        if not _is_control(element(header, 6)):
            faults.append(Fault("4", self.at + 1, "GS06 has 1 to 9 letters or digits."))
        elif element(trailer, 2) != element(header, 6):
            faults.append(Fault("4", self.at + 1, "GE02 is not the control number of GS06."))
        if not _is(element(trailer, 1), len(sets)):
            faults.append(Fault("5", self.at + 1, f"GE01 is not {len(sets)}."))
        self.at += 1
        return Group(header, sets, tuple(faults))

    def set(self) -> TransactionSet:
        header = self.segments[self.at]
        first = self.at
        code, control = element(header, 1), element(header, 2)
        faults: list[Fault] = []
        if len(code) != 3 or not code.isdigit():
            faults.append(Fault("6", first + 1, "ST01 is no transaction set."))
        if len(control) < 4 or not _is_control(control):
            faults.append(Fault("7", first + 1, "ST02 has 4 to 9 letters or digits."))
        self.at += 1
        while self.at < len(self.segments) and self.tag() not in ("SE", "ST", "GE", "GS", "IEA"):
            self.at += 1
        body = self.segments[first + 1 : self.at]
        if self.tag() != "SE":
            faults.append(Fault("2", self.at + 1, "The transaction set ends before its SE."))
            return TransactionSet(code, control, body, first + 1, tuple(faults))
        trailer = self.segments[self.at]
        if element(trailer, 2) != control:
            faults.append(Fault("3", self.at + 1, "SE02 is not the control number of ST02."))
        if not _is(element(trailer, 1), len(body) + 2):
            faults.append(
                Fault("4", self.at + 1, f"SE01 is not {len(body) + 2}, ST and SE included.")
            )
        self.at += 1
        return TransactionSet(code, control, body, first + 1, tuple(faults))


def _is_control(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= 9


def _is(text: str, number: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9 and int(text) == number
