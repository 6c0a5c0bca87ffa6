"""The audit events. A trigger refuses every UPDATE, DELETE and TRUNCATE (migration 0002)."""

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One change, written in its transaction. No foreign keys: it outlives its subject.

    `at` is the database's clock. `subject` is `kind` and `id` of what changed; `port_code` is set
    where the change belongs to a port.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200, blank=True, db_default="")
    on_behalf_of = models.CharField(max_length=200, blank=True, db_default="")
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    port_code = models.CharField(max_length=4, blank=True, db_default="")
    request_id = models.CharField(max_length=64, blank=True, db_default="")
    data = models.JSONField(db_default={})

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind}:{self.subject_id}"
