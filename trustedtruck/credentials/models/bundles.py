"""The lane bundle: what the lanes know of credentials, signed."""

from django.db import models
from django.db.models import F, Q


class Bundle(models.Model):
    """One signed manifest of the lane bundle. `seq` only ever grows.

    `watermark` is the oldest transaction that was still open when it was made: rows written by it
    or later are read again for the next. `content` names what it says, without its dates.
    """

    seq = models.BigAutoField(primary_key=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    watermark = models.BigIntegerField()
    content = models.CharField(max_length=64)
    manifest = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="bundle_expires_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return str(self.seq)


class BundleShard(models.Model):
    """One of the parts of the tag map, as text, with the sequence number that last changed it."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    digest = models.CharField(max_length=43)
    body = models.TextField()

    def __str__(self) -> str:
        return str(self.number)
