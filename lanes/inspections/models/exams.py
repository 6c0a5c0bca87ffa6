"""Exams of a truck: the sheet of 17 points, pests and seal; and of its cargo."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models.inspections import Inspection
from lanes.inspections.states import ExamState
from trustedtruck.accounts.models import Agency
from trustedtruck.carriers.models.pairs import together


class Exam(models.Model):
    """One exam by one inspector, approved by another.

    `draft` is what was typed so far and `version` counts its saves, so that a tablet that was cut
    off learns whether somebody else went on; `entries` says of each field at which version it was
    last changed, by whom and for which agency. What is signed is in `points` and `findings`.
    `accepted_for` is the other agency of a joint inspection, whose officer approved.
    """

    class Kind(models.TextChoices):
        CONVEYANCE = "conveyance", _("17-point exam of the truck")
        CARGO = "cargo", _("exam of the cargo")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="exams")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=ExamState)
    draft = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    entries = models.JSONField(default=dict)
    passed = models.BooleanField(null=True)
    note = models.TextField(blank=True, default="")
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=64, blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    submitted_for = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    approved_by = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    accepted_for = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            together("submitted", "exam_submitted_by_whom_and_when"),
            together("approved", "exam_approved_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("submitted_by")),
                name="exam_inspector_and_approver_are_two",
            ),
            models.CheckConstraint(
                condition=Q(accepted_for__isnull=True)
                | (Q(approved_at__isnull=False) & ~Q(accepted_for=F("submitted_for"))),
                name="exam_accepted_by_the_other_agency",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at__isnull=True, passed__isnull=True)
                | Q(
                    state="submitted",
                    submitted_at__isnull=False,
                    passed__isnull=False,
                    approved_at__isnull=True,
                )
                | Q(
                    state="approved",
                    submitted_at__isnull=False,
                    passed__isnull=False,
                    approved_at__isnull=False,
                ),
                name="exam_state_fits_its_signatures",
            ),
            models.UniqueConstraint(
                fields=["inspection", "kind"],
                condition=Q(state__in=["draft", "submitted"]),
                name="exam_one_open_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.inspection_id}"


class Photo(models.Model):
    """A picture taken at one point of an exam; the file lies under MEDIA_ROOT."""

    exam = models.ForeignKey(Exam, models.PROTECT, related_name="photos")
    point = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=16)
    size = models.PositiveIntegerField()
    taken_by = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exam", "point", "sha256"], name="photo_once_per_point")
        ]

    def __str__(self) -> str:
        return f"{self.exam_id} {self.point}"


class PointResult(models.Model):
    """Pass or fail of one point of the sheet. A fail has a note and a photo.

    `examined_by` is who entered it, for the agency; both are unknown of old exams.
    """

    exam = models.ForeignKey(Exam, models.CASCADE, related_name="points")
    point = models.CharField(max_length=20)
    passed = models.BooleanField()
    note = models.TextField(blank=True, default="")
    photo = models.ForeignKey(Photo, models.PROTECT, null=True, related_name="+")
    examined_by = models.CharField(max_length=64, blank=True, default="")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exam", "point"], name="point_once_in_exam"),
            models.CheckConstraint(
                condition=Q(passed=True) | (Q(photo__isnull=False) & ~Q(note="")),
                name="point_fail_has_note_and_photo",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point}: {'pass' if self.passed else 'fail'}"


class Finding(models.Model):
    """Something that an exam of the cargo found."""

    class Category(models.TextChoices):
        NARCOTICS = "narcotics", _("narcotics")
        HUMAN_SMUGGLING = "human_smuggling", _("human smuggling")
        TRANSSHIPMENT = "transshipment", _("transshipment")
        FALSE_ORIGIN = "false_origin", _("false origin")
        DUTY_EVASION = "duty_evasion", _("evasion of duties")
        INTELLECTUAL_PROPERTY = "intellectual_property", _("intellectual property")
        CONSUMER_SAFETY = "consumer_safety", _("consumer safety")
        AGRICULTURAL_PEST = "agricultural_pest", _("agricultural pest")
        CURRENCY = "currency", _("currency")
        WEAPON = "weapon", _("weapon")

    exam = models.ForeignKey(Exam, models.CASCADE, related_name="findings")
    category = models.CharField(max_length=24, choices=Category)
    description = models.CharField(max_length=500)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    unit = models.CharField(max_length=16)
    seized = models.BooleanField()
    found_by = models.CharField(max_length=64, blank=True, default="")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    category__in=[
                        "narcotics",
                        "human_smuggling",
                        "transshipment",
                        "false_origin",
                        "duty_evasion",
                        "intellectual_property",
                        "consumer_safety",
                        "agricultural_pest",
                        "currency",
                        "weapon",
                    ]
                ),
                name="finding_category_is_known",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="finding_has_a_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.quantity} {self.unit}"


class SealChange(models.Model):
    """A seal was cut for the exam and another one put on; once approved, the trip carries it."""

    class Grade(models.TextChoices):
        """ISO 17712; only a high-security seal is good for the fast lane."""

        HIGH = "H", _("high security (H)")
        SECURITY = "S", _("security (S)")
        INDICATIVE = "I", _("indicative (I)")

    exam = models.ForeignKey(Exam, models.CASCADE, related_name="seals")
    old_number = models.CharField(max_length=15)
    new_number = models.CharField(max_length=15)
    new_grade = models.CharField(max_length=1, choices=Grade, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exam", "old_number"], name="seal_change_once"),
            models.CheckConstraint(
                condition=~Q(old_number=F("new_number")), name="seal_change_is_a_change"
            ),
            models.UniqueConstraint(fields=["exam", "new_number"], name="seal_put_on_once"),
            models.CheckConstraint(
                condition=Q(new_grade__in=["", "H", "S", "I"]), name="seal_change_has_a_grade"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_number} → {self.new_number}"
