"""The audit events and the chain over them.

Triggers refuse every UPDATE, DELETE and TRUNCATE (migrations 0002 and 0003).
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

# Given and family names together may be longer; who it was, `actor_id` says.
LABEL_LENGTH = 200


class Event(models.Model):
    """One change, written in its transaction. No foreign keys: it outlives its subject.

    `at` is the database's clock. `subject` is `kind` and `id` of what changed; `port_code` is set
    where the change belongs to a port; `ip` where it came with a request. Where something changed
    from one value to another, `data` holds `before` and `after`.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=LABEL_LENGTH, blank=True, db_default="")
    on_behalf_of = models.CharField(max_length=200, blank=True, db_default="")
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    port_code = models.CharField(max_length=4, blank=True, db_default="")
    request_id = models.CharField(max_length=64, blank=True, db_default="")
    ip = models.GenericIPAddressField(null=True, blank=True)
    data = models.JSONField(db_default={})

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="audit_by_subject"),
            BrinIndex(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind}:{self.subject_id}"


class Link(models.Model):
    """One link of the chain: the place of one event, and the hash over it and all before it.

    `hash` is SHA-256 over the hash of the link before and the event's canonical form (`chain`).
    Positions have no gaps. No foreign key: a deleted event must leave its link behind.
    """

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(position__gt=0), name="link_positions_begin_at_1")
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.event_id}"
