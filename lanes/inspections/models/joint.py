"""Two agencies of two countries inspect once, together (unified cargo processing)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from lanes.inspections.models.inspections import Inspection
from lanes.inspections.models.stations import Facility
from lanes.inspections.states import JointState
from trustedtruck.accounts.models import Agency
from trustedtruck.carriers.models.pairs import together


class Word(models.TextChoices):
    """What an agency wants done with the truck, from the mildest to the strictest."""

    RELEASE = "release", pgettext_lazy("verdict", "release")
    HOLD = "hold", pgettext_lazy("verdict", "hold")
    SEIZE = "seize", pgettext_lazy("verdict", "seize")


class JointInspection(models.Model):
    """One inspection that two countries accept; the second one is saved where they release.

    `country_…` repeat those of the agencies, so that the database can tell them apart.
    """

    inspection = models.OneToOneField(Inspection, models.PROTECT, related_name="joint")
    facility = models.CharField(max_length=12, choices=Facility)
    agency_a = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    agency_b = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    country_a = models.CharField(max_length=2)
    country_b = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=JointState)
    result = models.CharField(max_length=8, choices=Word, blank=True, default="")
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    document = models.TextField(blank=True, default="")
    document_by = models.CharField(max_length=64, blank=True, default="")
    document_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            together("document", "release_document_by_whom_and_when"),
            models.CheckConstraint(
                condition=~Q(country_a=F("country_b")), name="joint_agencies_of_two_countries"
            ),
            models.CheckConstraint(
                condition=Q(result="", settled_at__isnull=True)
                | (Q(state__in=["agreed", "stricter"], settled_at__isnull=False) & ~Q(result="")),
                name="joint_result_when_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"joint {self.inspection_id}"


class JointVerdict(models.Model):
    """One agency's word in one round, given by one of its own officers."""

    joint = models.ForeignKey(JointInspection, models.PROTECT, related_name="verdicts")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=8, choices=Word)
    reason = models.TextField()
    given_by = models.CharField(max_length=64)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["round", "given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["joint", "agency", "round"], name="joint_verdict_once_per_agency_and_round"
            ),
            models.UniqueConstraint(
                fields=["joint", "given_by"], name="joint_verdict_once_per_person"
            ),
            models.CheckConstraint(condition=Q(round__in=[1, 2]), name="joint_verdict_two_rounds"),
            models.CheckConstraint(condition=~Q(reason=""), name="joint_verdict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id}: {self.word}"
