"""Deciding, the edge, and inspections."""

import sys

from trustedtruck.settings.installation import env

# --- Deciding ---------------------------------------------------------------------------------
# Milliseconds within which an arrival has its lane; a policy may set its own.
LANES_DEADLINE_MS = env.int("LANES_DEADLINE_MS", default=1500)
# How many waiting arrivals a worker takes at once.
LANES_BATCH = env.int("LANES_BATCH", default=64)
# Milliseconds for which a worker that took an arrival has it to itself.
LANES_CLAIM_MS = env.int("LANES_CLAIM_MS", default=400)
# A web process answers at once with inspection when so many requests wait in it already.
LANES_WAITERS = env.int("LANES_WAITERS", default=48)
# Seconds by which a gate's clock may differ from the database's.
LANES_CLOCK_TOLERANCE_S = env.int("LANES_CLOCK_TOLERANCE_S", default=300)
# Milliseconds between two rounds of the sweep.
LANES_SWEEP_MS = env.int("LANES_SWEEP_MS", default=250)
# One random seed serves so many hours; they must divide the day.
LANES_SHIFT_HOURS = env.int("LANES_SHIFT_HOURS", default=8)
if LANES_SHIFT_HOURS < 1 or 24 % LANES_SHIFT_HOURS:
    # The last shift of a day would reach into the first of the next, and a truck have two draws.
    sys.exit(f"LANES_SHIFT_HOURS={LANES_SHIFT_HOURS} does not divide the day.")
# Months after which an arrival moves into the archive, once what says who drove has been purged
# (`RETENTION_CROSSINGS_DAYS`); 0 for never.
ARCHIVE_AFTER_MONTHS = env.int("ARCHIVE_AFTER_MONTHS", default=72)

# --- The edge ---------------------------------------------------------------------------------
# Only for a port's own installation, which it makes an edge: where headquarters is.
EDGE_HEADQUARTERS = env("EDGE_HEADQUARTERS", default="").rstrip("/")
# The key that the edge was given at headquarters.
EDGE_KEY = env("EDGE_KEY", default="")
# The code of the port that the edge runs.
EDGE_PORT = env("EDGE_PORT", default="")
# The file with the keys by which the edge knows headquarters' bundles (`jwks.json`).
EDGE_JWKS = env("EDGE_JWKS", default="")
# Seconds between two rounds of an edge to headquarters.
EDGE_EVERY_S = env.float("EDGE_EVERY_S", default=3.0)

# --- Inspections ------------------------------------------------------------------------------
SCAN_MAX_BYTES = 64 * 1024 * 1024
# How long a carrier loses the fast lane after a seizure.
INSPECTIONS_SEIZURE_DAYS = env.int("INSPECTIONS_SEIZURE_DAYS", default=30)
# Minutes that a truck waited at a port before the programme, by port code, for ports that did not
# measure it themselves. The default for Laredo and Otay Mesa is CBP's snapshot of midday 2022-06-29
# (standard lanes).
INSPECTIONS_BASELINE_WAIT_MIN = env.json(
    "INSPECTIONS_BASELINE_WAIT_MIN", default={"2304": 45.0, "2506": 45.0}
)
# What an hour costs of the goods that wait, as a share of their value: 20 % a year.
INVENTORY_COST_RATE_PER_HOUR = env.float("INVENTORY_COST_RATE_PER_HOUR", default=0.20 / 8760)
