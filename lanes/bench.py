"""What `manage.py bench` can measure of the lanes."""

from lanes.benchmarks import arrivals, decide

PARTS = {"arrivals": arrivals.measure, "decide": decide.measure}
