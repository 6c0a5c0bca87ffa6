"""The bodies of the lane-assignment API, as they come in and go out."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lanes import queries
from lanes.models import Direction, Lane, Passage, Route
from lanes.queries import Answer
from lanes.reasons import override_text, reason_text
from lanes.services.receive import Report
from trustedtruck.core.clock import database_now
from trustedtruck.core.fields import (
    IdentifierField,
    InstantField,
    OneOfField,
    Strict,
    SwitchField,
    TextField,
    WholeField,
    instant,
)
from trustedtruck.identifiers import epc, jurisdiction, plate, port_code, seal, trip_number
from trustedtruck.identifiers.checked import Checked

EVENT_ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]*\Z"
# A gate replays its journal after an outage; older than this it is a clock that is wrong.
OLDEST_REPORT = timedelta(hours=24)


class EventIdField(serializers.RegexField):
    """The caller's own name for the event: 1 to 64 letters, digits, dots, colons, hyphens."""

    default_error_messages = {
        "invalid": _("Use 1 to 64 letters, digits, dots, colons, underscores or hyphens."),
        "not_a_string": _("Write this as a text, in quotes."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(EVENT_ID, max_length=64, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_a_string")
        return str(super().to_internal_value(data))


def tag_read(text: str) -> Checked:
    """Any tag of 96 bits is taken: one of another scheme is a truck that we do not know."""
    checked = epc.check(text)
    wrong = tuple(e for e in checked.errors if e.code in ("epc_length", "epc_characters"))
    return Checked(checked.value, wrong)


def _not_ahead(value: datetime) -> None:
    """Judged by the database's clock: this process's own may be off, and the gate's right."""
    latest = value - timedelta(seconds=settings.LANES_CLOCK_TOLERANCE_S)
    if latest > database_now() and latest > database_now(afresh=True):
        raise serializers.ValidationError(
            _("This is in the future: the gate's clock is ahead."), "clock_ahead"
        )


class PlateSerializer(Strict):
    number = IdentifierField(plate.check, max_length=20)
    jurisdiction = IdentifierField(jurisdiction.check, max_length=8)


class ArrivalSerializer(Strict):
    """What the readers of one gate saw of one truck."""

    event_id = EventIdField()
    port = IdentifierField(port_code.check, max_length=8)
    lane_group = serializers.RegexField(
        r"^[A-Za-z0-9_-]{1,16}\Z", required=False, allow_blank=True, default=""
    )
    observed_at = InstantField()
    direction = OneOfField(Direction.choices)
    tag_epc = IdentifierField(tag_read, required=False, default="", max_length=64)
    qr = TextField(required=False, default="", max_length=2048)
    credential = TextField(required=False, default="", max_length=16_384)
    plate = PlateSerializer(required=False, allow_null=True)
    trip_number = IdentifierField(trip_number.check, required=False, default="", max_length=32)
    driver_card = TextField(required=False, default="", max_length=2048)
    seals = serializers.ListField(
        child=IdentifierField(seal.check, max_length=32), required=False, max_length=16
    )
    gross_weight_kg = WholeField(required=False, allow_null=True, min_value=0, max_value=250_000)
    radiation_alarm = SwitchField(required=False, allow_null=True)

    def validate_observed_at(self, value: Any) -> Any:
        _not_ahead(value)
        if value < database_now() - OLDEST_REPORT:
            raise serializers.ValidationError(
                _("This is more than 24 hours ago: the gate's clock is behind."), "clock_behind"
            )
        return value

    def validate_port(self, value: str) -> str:
        if not queries.known_port(value):
            raise serializers.ValidationError(_("There is no such port."), "unknown_port")
        return value

    def report_of(self, body: Any) -> Report:
        """A body in its normal form. Raises `ValidationError`; keeps nothing of it."""
        values = dict(self.run_validation(body))
        plate_read = values.pop("plate", None) or {}
        return Report(
            **values,
            plate_number=plate_read.get("number", ""),
            plate_jurisdiction=plate_read.get("jurisdiction", ""),
        )


class PassageSerializer(Strict):
    """A truck passed a point; `lane` is the lane's code, needed at the point `lane`."""

    event_id = EventIdField()
    point = OneOfField(Passage.Point.choices)
    lane = TextField(required=False, allow_null=True, max_length=16)
    at = InstantField()

    def validate_at(self, value: Any) -> Any:
        _not_ahead(value)
        return value

    def validate(self, attrs: Any) -> Any:
        if attrs["point"] == Passage.Point.LANE and not attrs.get("lane"):
            raise serializers.ValidationError(
                {"lane": [serializers.ErrorDetail(str(_("Name the lane.")), "required")]}
            )
        return attrs


class LaneRefSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class OverrideSerializer(serializers.Serializer[Any]):
    """Officers put their word above the decision, which was `route` with `reasons`."""

    at = serializers.DateTimeField()
    reason = serializers.CharField()
    decided_route = serializers.ChoiceField(Route.choices)
    decided_reasons = ReasonSerializer(many=True)


class AnswerSerializer(serializers.Serializer[Any]):
    """Where the truck goes, and why. While `state` is `waiting` only the deadline is known.

    `override` is set where officers sent the truck elsewhere than decided.
    """

    id = serializers.UUIDField()
    event_id = serializers.CharField()
    port = serializers.CharField()
    state = serializers.ChoiceField(["waiting", "assigned"])
    route = serializers.ChoiceField(Route.choices, allow_null=True)
    lane = LaneRefSerializer(allow_null=True)
    reasons = ReasonSerializer(many=True)
    policy_version = serializers.IntegerField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    deadline_at = serializers.DateTimeField()
    override = OverrideSerializer(allow_null=True)


def answer_body(answer: Answer) -> dict[str, Any]:
    """The body of `AnswerSerializer`, written by hand: this is the hot path."""
    decided = [{"code": code, "text": str(reason_text(code))} for code in answer.reasons or ()]
    route, reasons, override = answer.route, decided, None
    if answer.overridden_to is not None:
        route = answer.overridden_to
        code = f"overridden_to_{route}"
        reasons = [{"code": code, "text": str(reason_text(code))}]
        override = {
            "at": instant(answer.overridden_at),
            "reason": override_text(answer.override_reason or ""),
            "decided_route": answer.route,
            "decided_reasons": decided,
        }
    return {
        "id": str(answer.id),
        "event_id": answer.event_id,
        "port": answer.port,
        "state": "assigned" if answer.assigned else "waiting",
        "route": route,
        "lane": (
            {"code": answer.lane_code, "name": answer.lane_name} if answer.lane_code else None
        ),
        "reasons": reasons,
        "policy_version": answer.policy_version,
        "decided_at": instant(answer.decided_at),
        "deadline_at": instant(answer.deadline_at),
        "override": override,
    }


class PassageAnswerSerializer(serializers.ModelSerializer[Passage]):
    lane = serializers.SerializerMethodField()
    arrival = serializers.UUIDField(source="arrival_id")

    class Meta:
        model = Passage
        fields = ["arrival", "event_id", "point", "lane", "at", "received_at"]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_lane(self, passage: Passage) -> str | None:
        return passage.lane.code if passage.lane else None


class LaneSerializer(serializers.ModelSerializer[Lane]):
    """A lane of a port with its live queue and expected wait."""

    queue = serializers.IntegerField()
    expected_wait_seconds = serializers.FloatField()

    class Meta:
        model = Lane
        fields = [
            "code",
            "name",
            "route",
            "group",
            "state",
            "directions",
            "load",
            "queue",
            "service_seconds",
            "expected_wait_seconds",
        ]
