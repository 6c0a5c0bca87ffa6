"""What `manage.py bench` can measure of the lanes."""

from lanes.benchmarks import decide

PARTS = {"decide": decide.measure}
