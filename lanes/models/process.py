"""Our own processes."""

from django.db import models


class Process(models.Model):
    """A process of ours that is alive: it writes its row every few seconds."""

    name = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(max_length=16)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return self.name
