"""The lane-assignment API: arrivals, passages, lanes, draws, waits, health."""
