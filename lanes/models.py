"""Ports, lanes, arrivals, assignments, passages.

An arrival is never edited. While it has no lane it has a row in `Waiting`; the statement that writes
its `Assignment` deletes that row. A truck is therefore in one of two places, never in both.
"""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Device
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials.models import Credential


class Route(models.TextChoices):
    FAST = "fast", _("fast lane")
    INSPECTION = "inspection", _("inspection")


class Direction(models.TextChoices):
    NORTHBOUND = "northbound", _("northbound")
    SOUTHBOUND = "southbound", _("southbound")


class Load(models.TextChoices):
    ANY = "any", _("any load")
    LADEN = "laden", _("laden only")
    EMPTY = "empty", _("empty only")


class Port(models.Model):
    """A port of entry, by its Schedule D code. A port is a shard: everything below belongs to one."""

    code = models.CharField(
        max_length=4,
        primary_key=True,
        validators=[RegexValidator(r"^[0-9]{4}\Z", _("A port code is four digits (Schedule D)."))],
    )
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    timezone = models.CharField(max_length=64)
    deadline_ms = models.PositiveIntegerField(default=1500)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{4}$"), name="port_code_is_four_digits"
            ),
            models.CheckConstraint(
                condition=Q(deadline_ms__range=(100, 60_000)), name="port_deadline_is_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Lane(models.Model):
    """A booth with its lane. `group` names the approach that leads to it, empty for all.

    `service_seconds` is the expected time at the booth until passages give a measured one.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    port = models.ForeignKey(Port, models.PROTECT, related_name="lanes")
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=60)
    route = models.CharField(max_length=10, choices=Route)
    group = models.CharField(max_length=16, blank=True, default="")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    directions = ArrayField(models.CharField(max_length=10, choices=Direction))
    load = models.CharField(max_length=5, choices=Load, default=Load.ANY)
    service_seconds = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["port", "code"], name="lane_code_unique_in_port"),
            models.CheckConstraint(
                condition=Q(service_seconds__gt=0), name="lane_service_time_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(route__in=["fast", "inspection"]), name="lane_route_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closed"]), name="lane_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id}/{self.code}"


class Policy(models.Model):
    """One version of a port's policy: drafted by one person, approved by another, then fixed.

    `body` is the JSON of `lanes.rules.policy.Policy`. The version in force is the newest whose
    `effective_from` has come, by the database's clock.
    """

    port = models.ForeignKey(Port, models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    body = models.JSONField()
    drafted_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64, blank=True, default="")
    effective_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["port", "version"], name="policy_version_unique_in_port"),
            models.CheckConstraint(
                condition=Q(approved_by="", effective_from__isnull=True)
                | (~Q(approved_by="") & Q(effective_from__isnull=False)),
                name="policy_takes_effect_only_when_approved",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("drafted_by")), name="policy_needs_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id} v{self.version}"


class Arrival(models.Model):
    """What the readers of one gate saw of one truck. Never edited.

    `deadline_at` comes from the database's clock; `body_sha256` is over the normal form of the
    body, so that the same event with another body is noticed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    port = models.ForeignKey(Port, models.PROTECT, related_name="arrivals")
    device = models.ForeignKey(Device, models.PROTECT, related_name="arrivals")
    event_id = models.CharField(max_length=64)
    body_sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(db_default=Now())
    deadline_at = models.DateTimeField()
    observed_at = models.DateTimeField()
    direction = models.CharField(max_length=10, choices=Direction)
    lane_group = models.CharField(max_length=16, blank=True)
    tag_epc = models.CharField(max_length=24, blank=True)
    qr = models.TextField(blank=True)
    credential = models.TextField(blank=True)
    plate_number = models.CharField(max_length=10, blank=True)
    plate_jurisdiction = models.CharField(max_length=3, blank=True)
    trip_number = models.CharField(max_length=25, blank=True)
    driver_card = models.TextField(blank=True)
    seals = ArrayField(models.CharField(max_length=15), default=list)
    gross_weight_kg = models.PositiveIntegerField(null=True)
    radiation_alarm = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["port", "event_id"], name="arrival_event_once_in_port"),
            models.CheckConstraint(
                condition=Q(deadline_at__gt=F("received_at")), name="arrival_deadline_is_ahead"
            ),
        ]
        indexes = [
            models.Index(fields=["port", "-received_at"], name="arrival_by_port_and_time"),
            models.Index(
                fields=["tag_epc", "-received_at"],
                condition=~Q(tag_epc=""),
                name="arrival_by_tag_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id}/{self.event_id}"


class Waiting(models.Model):
    """An arrival that has no lane yet. A worker's claim is a lease, so that a dead worker's ends."""

    arrival = models.OneToOneField(Arrival, models.CASCADE, primary_key=True)
    port = models.ForeignKey(Port, models.PROTECT)
    deadline_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(db_default=0)

    class Meta:
        verbose_name_plural = "waiting"
        indexes = [
            models.Index(fields=["deadline_at"], name="waiting_by_deadline"),
            models.Index(fields=["port", "deadline_at"], name="waiting_by_port"),
        ]

    def __str__(self) -> str:
        return str(self.arrival_id)


class Assignment(models.Model):
    """The decision on one arrival, with all that it was made from. Written once, never edited.

    `facts` is the JSON of `lanes.rules.facts.Facts`; `reasons` are rule codes in order; `draw` is
    in [0, 1), null where no draw was made. `decided_by` is `worker`, or what closed it instead.
    """

    class By(models.TextChoices):
        WORKER = "worker", _("a worker, by the rules")
        DEADLINE = "deadline", _("the deadline")
        SWEEP = "sweep", _("the sweep")
        OVERLOAD = "overload", _("the overload guard")

    arrival = models.OneToOneField(
        Arrival, models.PROTECT, primary_key=True, related_name="assignment"
    )
    port = models.ForeignKey(Port, models.PROTECT, related_name="assignments")
    route = models.CharField(max_length=10, choices=Route)
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, related_name="assignments")
    reasons = ArrayField(models.CharField(max_length=64))
    facts = models.JSONField()
    policy_version = models.PositiveIntegerField()
    draw = models.FloatField(null=True)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=16, choices=By)
    carrier = models.ForeignKey(Carrier, models.PROTECT, null=True, related_name="+")
    truck = models.ForeignKey(Truck, models.PROTECT, null=True, related_name="+")
    driver = models.ForeignKey(Driver, models.PROTECT, null=True, related_name="+")
    truck_credential = models.ForeignKey(Credential, models.PROTECT, null=True, related_name="+")
    driver_credential = models.ForeignKey(Credential, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(route__in=["fast", "inspection"]), name="assignment_route_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(reasons=[]), name="assignment_has_a_reason"
            ),
            # Fast is never a fallback, and never without what makes it fast.
            models.CheckConstraint(
                condition=~Q(route="fast")
                | Q(
                    decided_by="worker",
                    lane__isnull=False,
                    carrier__isnull=False,
                    truck__isnull=False,
                    truck_credential__isnull=False,
                ),
                name="assignment_fast_stands_on_a_credential",
            ),
        ]
        indexes = [
            models.Index(fields=["port", "-decided_at"], name="assignment_by_port_and_time"),
            models.Index(
                fields=["carrier", "-decided_at"],
                condition=Q(carrier__isnull=False),
                name="assignment_by_carrier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.route}"


class Passage(models.Model):
    """A truck passed a point. `at` is the gate's clock, `received_at` the database's."""

    class Point(models.TextChoices):
        APPROACH = "approach", _("approach")
        PRIMARY = "primary", _("primary")
        LANE = "lane", _("lane")
        EXAM = "exam", _("exam")
        EXIT = "exit", _("exit")

    arrival = models.ForeignKey(Arrival, models.PROTECT, related_name="passages")
    port = models.ForeignKey(Port, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    event_id = models.CharField(max_length=64)
    point = models.CharField(max_length=8, choices=Point)
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, related_name="passages")
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["arrival", "event_id"], name="passage_event_once"),
            models.CheckConstraint(
                condition=~Q(point="lane") | Q(lane__isnull=False), name="passage_lane_is_named"
            ),
        ]
        indexes = [models.Index(fields=["port", "-at"], name="passage_by_port_and_time")]

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.point}"


class Refusal(models.Model):
    """An event that named a truck and was refused. Kept: a refused truck must not vanish."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="refusals")
    port_code = models.CharField(max_length=4, blank=True)
    event_id = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=64)
    errors = models.JSONField(default=list)
    body = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.code} {self.event_id}"


class Alarm(models.Model):
    """Something that an officer must look at now. Closed by one officer, with a note."""

    class Kind(models.TextChoices):
        FAST_WITHOUT_DECISION = (
            "fast_without_decision",
            _("a truck went through a fast lane without a decision for it"),
        )
        CLONE = "clone", _("the same tag was seen at two gates within an impossible time")

    port = models.ForeignKey(Port, models.PROTECT, related_name="alarms")
    kind = models.CharField(max_length=32, choices=Kind)
    arrival = models.ForeignKey(Arrival, models.PROTECT, related_name="alarms")
    at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)
    closed_by = models.CharField(max_length=64, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(note="")),
                name="alarm_closed_by_whom_when_and_why",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.arrival_id}"


class Process(models.Model):
    """A process of ours that is alive: it writes its row every few seconds."""

    name = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(max_length=16)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return self.name
