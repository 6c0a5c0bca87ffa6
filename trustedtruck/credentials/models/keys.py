"""Signing keys: their public part and their life.

No private key is ever in the database: it stays in the store of `keystore`.
"""

from django.db import models
from django.db.models import F, Q


class Purpose(models.TextChoices):
    """What a key may sign. A signature of a key of another purpose is refused."""

    CREDENTIAL = "credential", "credentials (ES256)"
    STATUS = "status", "status lists (ES256)"
    BUNDLE = "bundle", "lane bundles (ES256)"
    DATA_INTEGRITY = "integrity", "Data Integrity proofs (Ed25519)"


class SigningKey(models.Model):
    """The public part and the life of one key.

    It is published from `published_at`, signs from `active_from` until `retired_at`, and verifies
    until its last credential has ended. From `distrusted_at` nothing signed by it is accepted.
    `base_url` is the issuer's identity (its did:web and every address in what it signs).
    """

    kid = models.CharField(max_length=11, primary_key=True)
    purpose = models.CharField(max_length=16, choices=Purpose)
    alg = models.CharField(max_length=8, choices=[("ES256", "ES256"), ("Ed25519", "Ed25519")])
    public_jwk = models.JSONField()
    base_url = models.CharField(max_length=200)
    store = models.CharField(max_length=8, choices=[("files", "files"), ("pkcs11", "PKCS#11")])
    published_at = models.DateTimeField()
    active_from = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    distrusted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kid__regex=r"^[A-Za-z0-9_-]{11}$"), name="signing_key_kid_shape"
            ),
            models.CheckConstraint(
                condition=Q(active_from__gte=F("published_at")),
                name="signing_key_published_before_use",
            ),
            models.CheckConstraint(
                condition=~Q(public_jwk__has_key="d"), name="signing_key_holds_no_private_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.kid}"
