"""The bodies of the scanners' API."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from lanes.api.serializers import EventIdField
from lanes.inspections.models import Scan
from lanes.inspections.services.scans import NewScan
from trustedtruck.core.clock import database_now
from trustedtruck.core.fields import (
    InstantField,
    Strict,
    SwitchField,
    TextField,
    WholeField,
    instant,
)

MAX_IMAGES, MAX_MARKS, MAX_SIDE = 8, 200, 1_000_000


class ShareField(serializers.FloatField):
    """A JSON number from 0 to 1."""

    default_error_messages = {"not_a_number": _("Write this as a number, without quotes.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("not_a_number")
        return float(super().to_internal_value(data))


class MarkSerializer(Strict):
    """Something that the scanner's software noticed: a box in pixels of one image, and a score."""

    image = WholeField(min_value=1, max_value=MAX_IMAGES, default=1)
    box = serializers.ListField(
        child=WholeField(min_value=0, max_value=MAX_SIDE), min_length=4, max_length=4
    )
    score = ShareField(min_value=0, max_value=1)
    label = TextField(required=False, default="", max_length=60)  # type: ignore[assignment]


class AnnouncedSerializer(Strict):
    """An image that will follow, by its hash."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z")
    view = TextField(required=False, default="", max_length=40)


class ScanSerializer(Strict):
    """One pass through a scanner; the images are sent afterwards, each to its own address."""

    event_id = EventIdField()
    station = TextField(max_length=16)
    started_at = InstantField()
    ended_at = InstantField()
    images = serializers.ListField(child=AnnouncedSerializer(), min_length=1, max_length=MAX_IMAGES)
    marks = serializers.ListField(
        child=MarkSerializer(), required=False, default=list, max_length=MAX_MARKS
    )
    radiation_alarm = SwitchField(required=False, allow_null=True, default=None)

    def validate_ended_at(self, value: Any) -> Any:
        if (value - database_now()).total_seconds() > settings.LANES_CLOCK_TOLERANCE_S:
            raise serializers.ValidationError(
                _("This is in the future: the scanner's clock is ahead."), "clock_ahead"
            )
        return value

    def validate(self, attrs: Any) -> Any:
        wrong: dict[str, Any] = {}
        if attrs["ended_at"] < attrs["started_at"]:
            text = _("The scan ends before it starts.")
            wrong["ended_at"] = [serializers.ErrorDetail(str(text), "out_of_order")]
        for place, mark in enumerate(attrs["marks"]):
            if mark["image"] > len(attrs["images"]):
                text = _("No such image is announced.")
                wrong[f"marks.{place}.image"] = [
                    serializers.ErrorDetail(str(text), "unknown_image")
                ]
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs

    def scan(self) -> NewScan:
        values = dict(self.validated_data)
        return NewScan(
            **values
            | {
                "images": [dict(image) for image in values["images"]],
                "marks": [dict(mark) for mark in values["marks"]],
            }
        )


class ImageStateSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.CharField()
    received_at = serializers.DateTimeField(allow_null=True)


class ScanAnswerSerializer(serializers.Serializer[Any]):
    """A scan, which of its images have arrived, and the final verdict once there is one."""

    id = serializers.UUIDField()
    arrival = serializers.UUIDField()
    event_id = serializers.CharField()
    station = serializers.CharField()
    received_at = serializers.DateTimeField()
    images = ImageStateSerializer(many=True)
    verdict = serializers.ChoiceField(["clear", "refer", "hold"], allow_null=True)


def scan_body(scan: Scan) -> dict[str, Any]:
    """One scan as the API shows it."""
    final = scan.verdicts.filter(final=True).first()
    return {
        "id": str(scan.pk),
        "arrival": str(scan.inspection.assignment_id),
        "event_id": scan.event_id,
        "station": scan.station.code,
        "received_at": instant(scan.received_at),
        "images": [
            {
                "position": image.position,
                "sha256": image.sha256,
                "url": f"/api/v1/scans/{scan.pk}/images/{image.position}/",
                "received_at": instant(image.received_at),
            }
            for image in scan.images.all()
        ],
        "verdict": final.word if final else None,
    }
