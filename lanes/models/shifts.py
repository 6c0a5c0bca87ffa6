"""The shifts of a port, each with the secret that its random draws come from."""

from django.db import models
from django.db.models import F, Q

from lanes.models.port import Port


class Shift(models.Model):
    """From `starts_at` to `ends_at` (exclusive) all draws of a port come from one seed.

    The seed is made of two parts: `sealed_part` here, encrypted, and a file of the keystore named
    `part_file`. `commitment` is the seed's SHA-256 and is public from the beginning; `seed` is
    public once the shift is over. A trigger lets nothing else change, and no seed in that is not
    the one committed to.
    """

    port = models.ForeignKey(Port, models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    commitment = models.BinaryField(max_length=32)
    committed_at = models.DateTimeField()
    sealed_part = models.TextField()
    part_file = models.CharField(max_length=64)
    seed = models.BinaryField(max_length=32, null=True)
    revealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["port", "starts_at"], name="shift_once_at_a_port"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(seed__isnull=True, revealed_at__isnull=True)
                | Q(seed__isnull=False, revealed_at__gte=F("ends_at")),
                name="shift_seed_is_revealed_after_its_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id} {self.starts_at:%Y-%m-%dT%H:%MZ}"

    @property
    def committed_in_time(self) -> bool:
        """The commitment was published before the first draw could be made."""
        return self.committed_at <= self.starts_at
