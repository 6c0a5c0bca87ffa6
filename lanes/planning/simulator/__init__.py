"""Days of a port, simulated: pure, no Django, no clock; randomness only from the given seed."""

from lanes.planning.simulator.scenario import Scenario
from lanes.planning.simulator.simulate import Cancelled, Result, simulate

__all__ = ["Cancelled", "Result", "Scenario", "simulate"]
