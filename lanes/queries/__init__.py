"""Reading a port: what waits, what is known, what was decided."""

from lanes.queries.answers import Answer, answer
from lanes.queries.facts import gather_facts
from lanes.queries.port import known_port, lane_board, lanes_of, note_sent, policy_in_force
from lanes.queries.work import (
    Claimed,
    claim,
    for_closing,
    oldest_waiting_seconds,
    overdue,
    release,
    unserved_ports,
)

__all__ = [
    "Answer",
    "Claimed",
    "answer",
    "claim",
    "for_closing",
    "gather_facts",
    "known_port",
    "lane_board",
    "lanes_of",
    "note_sent",
    "oldest_waiting_seconds",
    "overdue",
    "policy_in_force",
    "release",
    "unserved_ports",
]
