"""Ports, lanes, arrivals, assignments, passages."""

from lanes.models.arrivals import Arrival, Assignment, Refusal, Waiting
from lanes.models.passages import Alarm, Passage
from lanes.models.port import Direction, Lane, Load, Policy, Port, Route
from lanes.models.process import Process

__all__ = [
    "Alarm",
    "Arrival",
    "Assignment",
    "Direction",
    "Lane",
    "Load",
    "Passage",
    "Policy",
    "Port",
    "Process",
    "Refusal",
    "Route",
    "Waiting",
]
