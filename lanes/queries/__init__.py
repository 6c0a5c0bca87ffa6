"""Reading a port: what waits, what is known, what was decided."""

from lanes.queries.answers import Answer, answer, answers, past_answer, told
from lanes.queries.facts import gather_facts
from lanes.queries.overrides import (
    open_requests,
    overrides_of,
    route_and_lane_in_force,
    route_in_force,
)
from lanes.queries.port import (
    count_lanes,
    forget,
    forget_seeds,
    known_port,
    lane_board,
    lanes_of,
    note_sent,
    policy_in_force,
    read_ports,
    seed_at,
)
from lanes.queries.vitals import vitals
from lanes.queries.work import (
    Claimed,
    claim,
    for_closing,
    oldest_waiting_seconds,
    overdue,
    release,
    reported,
    unserved_ports,
    until_deadline,
)

__all__ = [
    "Answer",
    "Claimed",
    "answer",
    "answers",
    "claim",
    "count_lanes",
    "for_closing",
    "forget",
    "forget_seeds",
    "gather_facts",
    "known_port",
    "lane_board",
    "lanes_of",
    "note_sent",
    "oldest_waiting_seconds",
    "open_requests",
    "overdue",
    "overrides_of",
    "past_answer",
    "policy_in_force",
    "read_ports",
    "release",
    "reported",
    "route_and_lane_in_force",
    "route_in_force",
    "seed_at",
    "told",
    "unserved_ports",
    "until_deadline",
    "vitals",
]
