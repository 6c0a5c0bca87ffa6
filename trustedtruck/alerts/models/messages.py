"""What follows a warning: feedback, and a seizure. Each is linked to what it answers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models.alerts import Alert, Category
from trustedtruck.alerts.models.hits import Hit
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedTextField


class Message(models.Model):
    """What feedback and seizure share. Never changed once sent; `origin_ref` as in an alert.

    `note` is in an officer's words, which can name anybody: sealed.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    origin_ref = models.CharField(max_length=100, blank=True, default="")
    mark = models.CharField(max_length=12, choices=Mark)
    note = SealedTextField(max_length=4000, blank=True, default="")
    sent_by = models.CharField(max_length=64)
    sent_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.public_id)


class Feedback(Message):
    """What came of a warning."""

    class Result(models.TextChoices):
        FOUND = "found", _("the goods or persons were found")
        NOTHING = "nothing_found", _("examined, nothing found")
        NOT_EXAMINED = "not_examined", _("not examined")
        FALSE_MATCH = "false_match", _("somebody else")

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="feedback")
    hit = models.ForeignKey(Hit, models.PROTECT, null=True, blank=True, related_name="feedback")
    result = models.CharField(max_length=16, choices=Result)

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=["found", "nothing_found", "not_examined", "false_match"]),
                name="feedback_result_is_known",
            ),
            models.UniqueConstraint(
                fields=["agency", "origin_ref"],
                condition=~Q(origin_ref=""),
                name="feedback_of_a_partner_is_kept_once",
            ),
        ]


class Seizure(Message):
    """What was taken. It answers a feedback, and through it the warning."""

    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="seizures")
    category = models.CharField(max_length=32, choices=Category)
    hs_code = models.CharField(max_length=10, blank=True, default="")
    goods = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit = models.CharField(max_length=8)
    concealment = models.CharField(max_length=200, blank=True, default="")
    port_code = models.CharField(max_length=4, blank=True, default="")
    seized_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="seizure_is_of_something"),
            models.CheckConstraint(
                condition=Q(hs_code="") | Q(hs_code__regex=r"^[0-9]{2,10}$"),
                name="seizure_hs_is_digits",
            ),
            models.CheckConstraint(
                condition=Q(seized_at__lte=F("sent_at")), name="seizure_is_told_afterwards"
            ),
            models.UniqueConstraint(
                fields=["agency", "origin_ref"],
                condition=~Q(origin_ref=""),
                name="seizure_of_a_partner_is_kept_once",
            ),
        ]
