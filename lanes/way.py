"""An arrival's way from the gate to the lane, for the picture in the docs.

Each step names the code that does it, so that the picture cannot tell of what is gone.
"""

from trustedtruck.core.pictures.way import Step

GATE, WEB, DATABASE, BROKER, WORKER, SWEEP = (
    "gate",
    "web",
    "PostgreSQL",
    "broker",
    "worker",
    "sweep",
)

WAY = (
    Step(
        GATE,
        WEB,
        "POST /api/v1/arrivals/ with what the readers saw",
        "lanes.api.views.ArrivalsView",
    ),
    Step(
        WEB,
        DATABASE,
        "one statement: arrival, waiting row and audit event; the deadline by the database's clock",
        "lanes.services.receive.receive",
    ),
    Step(
        WEB, BROKER, "a nudge with the port's code; nobody waits for it", "lanes.nudge.Nudger.nudge"
    ),
    Step(
        WEB,
        WEB,
        "waits for LISTEN lanes_answered, until the deadline",
        "lanes.listener.Listener.wait",
    ),
    Step(BROKER, WORKER, "there is work", "lanes.tasks.assign_arrivals"),
    Step(
        WORKER,
        DATABASE,
        "claims up to 64 waiting arrivals: a lease, SKIP LOCKED",
        "lanes.queries.work.claim",
    ),
    Step(
        DATABASE,
        WORKER,
        "the facts: the same few queries for 1 arrival or 64",
        "lanes.queries.facts.gather_facts",
    ),
    Step(
        WORKER,
        WORKER,
        "decide(facts, policy, draw): pure; a route and every reason",
        "lanes.rules.decision.decide",
    ),
    Step(
        WORKER,
        DATABASE,
        "lanes_commit: locks carrier and credentials, looks again, writes assignment and audit"
        " event, deletes the waiting row, notifies",
        "lanes.services.assign.commit",
    ),
    Step(
        DATABASE, WEB, "the answer, in the notification of its commit", "lanes.queries.answers.told"
    ),
    Step(
        WEB,
        DATABASE,
        "where the deadline came first: INSPECTION, by the same statement",
        "lanes.services.assign.close",
    ),
    Step(WEB, GATE, "route, lane and reasons", "lanes.services.arrive.arrive"),
    Step(
        SWEEP,
        DATABASE,
        "closes what nobody waits for any more, nudges for what nobody took",
        "lanes.management.commands.sweep.sweep",
    ),
    Step(GATE, WEB, "the truck passes its points", "lanes.services.passages.report_passage"),
)
