"""A whole X12 message, judged: what of it is readable, and what it files."""

from typing import NamedTuple

from trustedtruck.manifests import document as doc
from trustedtruck.manifests.x12 import customs_309, customs_358, envelope, replies, segments
from trustedtruck.manifests.x12.acknowledge import NOT_SUPPORTED, Judged
from trustedtruck.manifests.x12.envelope import Fault, Group, Interchange, TransactionSet
from trustedtruck.manifests.x12.writer import VERSIONS

GROUPS = {"309": ("AQ",), "358": ("AQ",), "353": ("AQ", "AX")}
_TAGS = {
    "309": customs_309.TAGS,
    "358": customs_358.TAGS,
    "353": replies.EVENT_TAGS,
}


class Read(NamedTuple):
    """One transaction set: its verdict, and what it says where it could be read."""

    judged: Judged
    filing: doc.Filing
    events: tuple[replies.Event, ...] = ()


class ReadGroup(NamedTuple):
    group: Group
    sets: list[Read]
    faults: tuple[Fault, ...]

    @property
    def version(self) -> str:
        return self.group.version[:6]


class Message(NamedTuple):
    interchange: Interchange
    groups: list[ReadGroup]


def read(body: bytes) -> Message:
    """Judge a message. Raises `envelope.Unreadable` where it is no interchange at all."""
    interchange = envelope.parse(envelope.decode(body))
    return Message(interchange, [_group(g, interchange) for g in interchange.groups])


def _group(group: Group, interchange: Interchange) -> ReadGroup:
    faults = group.faults
    if group.version[:6] not in VERSIONS:
        text = f"Version {group.version[:12]} is not read here."
        faults = (*faults, Fault("2", 0, text))
    codes = {one.code for one in group.sets}
    if any(code in GROUPS and group.code not in GROUPS[code] for code in codes):
        faults = (*faults, Fault("1", 0, f"{group.code[:2]} is not the group of these sets."))
    component = interchange.delimiters.component
    return ReadGroup(group, [_set(one, component) for one in group.sets], faults)


def _set(one: TransactionSet, component: str) -> Read:
    nothing = doc.Filing("complete", "", "")
    if one.faults:
        return Read(Judged(one, (), one.faults), nothing)
    tags = _TAGS.get(one.code)
    if tags is None:
        fault = Fault(NOT_SUPPORTED, one.first, f"Transaction set {one.code[:3]} is not read here.")
        return Read(Judged(one, (), (fault,)), nothing)
    errors = segments.check(one, tags)
    if errors:
        return Read(Judged(one, errors), nothing)
    if one.code == "309":
        filing, order = customs_309.read(one)
    elif one.code == "358":
        filing, order = customs_358.read(one, component)
    else:
        filing, order = customs_309.header(one)
        if not order:
            events, order = replies.read_353(one)
            return Read(Judged(one, tuple(order)), filing, tuple(events))
    return Read(Judged(one, tuple(order)), filing)
