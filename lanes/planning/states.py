"""The states of a run, and who moves it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trustedtruck.core.transitions import Table, Transition


class RunState(models.TextChoices):
    QUEUED = "queued", _("waits for a worker")
    RUNNING = "running", _("runs")
    DONE = "done", _("is done")
    CANCELLED = "cancelled", _("was cancelled")
    FAILED = "failed", pgettext_lazy("run", "failed")


S = RunState
RUN = Table(
    _("This run"),
    [
        Transition(
            "start", frozenset({""}), S.QUEUED, "officer", "simulation.started", _("is started")
        ),
        Transition(
            "begin", frozenset({S.QUEUED}), S.RUNNING, "system", "simulation.begun", _("is begun")
        ),
        Transition(
            "finish", frozenset({S.RUNNING}), S.DONE, "system", "simulation.finished", _("is done")
        ),
        Transition(
            "fail", frozenset({S.RUNNING}), S.FAILED, "system", "simulation.failed", _("failed")
        ),
        Transition(
            "resume",
            frozenset({S.RUNNING}),
            S.QUEUED,
            "system",
            "simulation.resumed",
            _("is begun anew"),
        ),
        Transition(
            "cancel",
            frozenset({S.QUEUED, S.RUNNING}),
            S.CANCELLED,
            "officer",
            "simulation.cancelled",
            _("is cancelled"),
        ),
    ],
)
