"""What planners see, and what measured passages say about service times."""

from django.db import connection
from django.db.models import Q, QuerySet

from lanes.planning.models import SavedScenario, SimulationRun
from lanes.planning.simulator.service_time import LEAST_SAMPLES, ServiceTime, fitted
from trustedtruck.audit.actors import Actor


def scenarios_of(port_code: str, who: Actor) -> QuerySet[SavedScenario]:
    """One's own, and what others share at the port."""
    return SavedScenario.objects.filter(Q(owner=str(who)) | Q(shared=True), port=port_code)


def runs_of(port_code: str) -> QuerySet[SimulationRun]:
    """Newest first, without the results."""
    return SimulationRun.objects.filter(port=port_code).order_by("-started_at").defer("result")


# A truck was served for as long as it was at the booth: from the passage of the one before in the
# same lane, provided it stood in line by then. The first of a line, and pauses, tell nothing.
_MEASURED = """
WITH passed AS (
    SELECT l.route, p.at, s.decided_at,
           lag(p.at) OVER (PARTITION BY p.lane_id ORDER BY p.at) AS before
    FROM lanes_passage p
    JOIN lanes_lane l ON l.id = p.lane_id
    JOIN lanes_assignment s ON s.arrival_id = p.arrival_id
    WHERE p.port_id = %s AND p.point = 'lane' AND p.at > statement_timestamp() - interval '28 days'
)
SELECT route, extract(epoch FROM at - before)::float8 FROM passed
WHERE decided_at < before AND at > before AND at < before + interval '15 minutes'
ORDER BY at DESC LIMIT 50000
"""


def measured_times(port_code: str) -> dict[str, ServiceTime]:
    """Fitted booth times by route ("fast", "inspection"), of the routes that were seen enough."""
    seconds: dict[str, list[float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MEASURED, [port_code])
        for route, value in cursor.fetchall():
            seconds.setdefault(route, []).append(value)
    return {
        route: fitted(values) for route, values in seconds.items() if len(values) >= LEAST_SAMPLES
    }
