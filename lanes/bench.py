"""What `manage.py bench` can measure of the lanes."""

from lanes.benchmarks import arrivals, decide, grown, scaleout

PARTS = {
    "arrivals": arrivals.measure,
    "decide": decide.measure,
    "growth": grown.measure,
    "scaleout": scaleout.measure,
}
