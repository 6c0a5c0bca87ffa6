"""An X12 message: acknowledged (997), filed, and answered (355)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.errors import DomainError, FieldError, Invalid
from trustedtruck.manifests.models import Trip
from trustedtruck.manifests.services.answers import Answer, as_answer
from trustedtruck.manifests.services.filing import carrier_of, file_one
from trustedtruck.manifests.services.versions import WRONG
from trustedtruck.manifests.x12 import acknowledge, replies, writer
from trustedtruck.manifests.x12.envelope import Unreadable
from trustedtruck.manifests.x12.message import Message, Read, ReadGroup, read
from trustedtruck.manifests.x12.places import locate

OURS = "TRUSTEDTRUCK"


def read_x12(
    *,
    body: bytes,
    carrier: Carrier | None,
    port_code: str,
    by: Actor,
    at: dt.datetime,
    control: int,
) -> Answer:
    """File what a message says, each transaction set by itself, and write the answers.

    `control` begins the control numbers of the answers. Raises `Invalid` where the message is no
    interchange, so that nobody is named whom an X12 answer could go to.
    """
    try:
        message = read(body)
    except Unreadable as refusal:
        error = FieldError("", f"x12_{refusal.code}", refusal.text)
        raise Invalid((error,), _("This is not an X12 interchange.")) from None
    writing = _Answers(message, at, control)
    if message.interchange.faults:
        writing.ta1()
        return Answer(False, {"accepted": 0, "rejected": 0, "sets": []}, writing.text)
    told, count = [], 0
    for group in message.groups:
        writing.acknowledge(group)
        if group.faults:
            continue
        for item in group.sets:
            if not item.judged.accepted:
                continue
            count += len(item.filing.shipments)
            told.append(_file(item, group, message, carrier, port_code, by, at, writing))
    accepted = sum(1 for one in told if one["accepted"])
    rejected = sum(len(g.sets) for g in message.groups) - accepted
    result = {"accepted": accepted, "rejected": rejected, "sets": told}
    number = next((str(one["trip_number"]) for one in told if one["trip_number"]), "")
    return Answer(bool(accepted) and not rejected, result, writing.text, count, number[:25])


def control_number(body: bytes) -> str:
    """What makes a repeat a repeat: the sender and the control number of the ISA, as it stands."""
    text = body[:120].decode("utf-8", "replace").lstrip("\ufeff\r\n ")
    return f"{text[35:50].strip()}:{text[90:99]}" if text.startswith("ISA") else ""


def _file(
    item: Read,
    group: ReadGroup,
    message: Message,
    carrier: Carrier | None,
    port_code: str,
    by: Actor,
    at: dt.datetime,
    writing: "_Answers",
) -> dict[str, object]:
    one = item.judged.one
    told: dict[str, object] = {
        "set": one.code,
        "control": one.control,
        "accepted": True,
        "trip_number": item.filing.trip_number,
    }
    filing = item.filing._replace(
        control_number=f"{message.interchange.control}-{group.group.control[:9]}-{one.control}"
    )
    try:
        with transaction.atomic():
            if item.events:
                _events(item, carrier, port_code, by)
                writing.decide(item, group, True, [], _("EVENTS RECORDED"))
                return told
            outcome = file_one(
                filing=filing,
                errors=(),
                carrier=carrier,
                port_code=port_code,
                source="x12",
                by=by,
                at=at,
            )
    except DomainError as refusal:
        errors = refusal.errors or (FieldError("", refusal.code, refusal.text),)
        writing.decide(item, group, False, errors, "")
        return told | {
            "accepted": False,
            "code": refusal.code,
            "errors": [
                {"field": e.field, "code": e.code, "text": str(e.text)} for e in errors[:999]
            ],
        }
    say = f"VERSION {outcome.trip.version}" if outcome.trip else "ON FILE"
    writing.decide(item, group, True, outcome.warnings, say)
    return told | as_answer(outcome)


def _events(item: Read, carrier: Carrier | None, port_code: str, by: Actor) -> None:
    """Keep what a carrier reports of its trip. It decides nothing: the gate sees who arrives."""
    owner = carrier_of(item.filing, own=carrier)
    numbers = {event.reference for event in item.events}
    trips = Trip.objects.filter(trip_number__in=numbers, carrier=owner)
    if port_code:
        trips = trips.filter(port_code=port_code)
    ports = dict(trips.values_list("trip_number", "port_code"))
    errors = []
    for i, event in enumerate(item.events):
        if event.reference not in ports:
            errors.append(
                FieldError(f"events.{i}", "no_such_trip", _("There is no such trip on file."))
            )
            continue
        audit.record(
            "trip.event_reported",
            by=by,
            subject_kind="trip",
            subject_id=event.reference,
            port_code=ports[event.reference],
            data={"event": event.code, "at": event.at.isoformat(), "port": event.port},
        )
    if errors:
        raise Invalid(tuple(errors), WRONG)


class _Answers:
    """The answers, one interchange each, in the order in which they are due."""

    def __init__(self, message: Message, at: dt.datetime, control: int) -> None:
        self.message = message
        self.at = at
        self.control = control
        self.written: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.written) + "\n" if self.written else ""

    def head(self, group: str, version: str) -> writer.Head:
        self.control = self.control % 999_999_999 + 1
        test = self.message.interchange.header[15] == "T"
        to = self.message.interchange.sender
        return writer.Head(OURS, to, self.at, self.control, group, version, test)

    def ta1(self) -> None:
        segment = acknowledge.ta1(self.message.interchange)
        self.written.append(writer.write(self.head("TA", "004060"), [], before=[segment]))
        for group in self.message.groups:
            if group.faults:
                self.acknowledge(group)

    def acknowledge(self, group: ReadGroup) -> None:
        judged = [item.judged for item in group.sets]
        made = acknowledge.acknowledge(group.group, judged, group.faults)
        self.written.append(writer.write(self.head("FA", _version(group)), [made]))

    def decide(
        self,
        item: Read,
        group: ReadGroup,
        accepted: bool,
        errors: "tuple[FieldError, ...] | list[FieldError]",
        say: str,
    ) -> None:
        remarks = [
            replies.Remark(e.code, str(locate(item.judged.one, e.field)) or e.field, str(e.text))
            for e in errors
        ]
        made = replies.write_355(
            item.filing, version=_version(group), accepted=accepted, errors=remarks, say=say
        )
        self.written.append(writer.write(self.head("AQ", _version(group)), [made]))


def _version(group: ReadGroup) -> str:
    return group.version if group.version in writer.VERSIONS else writer.VERSIONS[0]
