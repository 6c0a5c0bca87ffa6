"""Ports, lanes, policies, shifts, arrivals, assignments, overrides, passages, edges."""

from lanes.models.archive import ArchivedArrival
from lanes.models.arrivals import Arrival, Assignment, Refusal, Waiting
from lanes.models.edge import HeldBundle, JournalEntry, PortBundle
from lanes.models.overrides import Override
from lanes.models.owed import CarrierRecord, OwedExam
from lanes.models.passages import Alarm, Passage
from lanes.models.policy import Policy, ShadowDifference, ShadowRun
from lanes.models.port import Direction, Lane, Load, Port, Route
from lanes.models.process import Process
from lanes.models.redirections import Redirection
from lanes.models.shifts import Shift

__all__ = [
    "Alarm",
    "ArchivedArrival",
    "Arrival",
    "Assignment",
    "CarrierRecord",
    "Direction",
    "HeldBundle",
    "JournalEntry",
    "Lane",
    "Load",
    "Override",
    "OwedExam",
    "Passage",
    "Policy",
    "Port",
    "PortBundle",
    "Process",
    "Redirection",
    "Refusal",
    "Route",
    "ShadowDifference",
    "ShadowRun",
    "Shift",
    "Waiting",
]
