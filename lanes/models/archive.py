"""Past arrivals, out of the tables that live. Partitioned by month, and by port below it."""

from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class ArchivedArrival(models.Model):
    """One arrival with its decision and what happened after it, each row whole as it was.

    Unique by `received_at`, `port_id` and `arrival_id`. No foreign keys: a month can be taken out
    and kept elsewhere (`lanes.services.archive`). What says who drove has been purged before.
    """

    arrival_id = models.UUIDField(primary_key=True)
    port_id = models.CharField(max_length=4)
    event_id = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=16)
    route = models.CharField(max_length=10)
    carrier_id = models.BigIntegerField(null=True)
    truck_id = models.BigIntegerField(null=True)
    arrival = models.JSONField()
    assignment = models.JSONField()
    passages = models.JSONField()
    redirections = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["arrival_id"], name="archived_by_arrival"),
            models.Index(fields=["port_id", "event_id"], name="archived_by_event"),
            models.Index(fields=["truck_id", "-decided_at"], name="archived_by_truck"),
            models.Index(fields=["carrier_id", "-decided_at"], name="archived_by_carrier"),
        ]

    def __str__(self) -> str:
        return f"{self.port_id}/{self.event_id}"


def rebuilt(model: type[M], row: dict[str, Any]) -> M:
    """The row as the model that it was, not to be saved."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    values = {}
    for column, value in row.items():
        field = fields.get(column)
        if field is None:
            continue  # a column of then that there is no more
        if isinstance(field, models.BinaryField):
            value = bytes.fromhex(value[2:])
        values[field.attname] = field.to_python(value)
    return model(**values)
