"""Trucks on their way to a lane that has closed, or has become another kind of lane."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import connection

from lanes import queries, reasons
from lanes.models import Assignment, Lane, Redirection, Route
from lanes.queries.decisions import facts_of
from lanes.queries.overrides import LANE_ID, ROUTE, STANDING
from lanes.rules.decision import lane_for
from lanes.services.overrides import override_to_inspection
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor


def redirect_from(*, lane: Lane, why: str, by: Actor, at: datetime) -> int:
    """Send the trucks that are on their way to a lane elsewhere, where it is for them no more.

    Run it in the transaction that changed the lane, which is locked: a truck is either sent before
    and found here, or decided again. The first in line chooses first. A fast truck without another
    fast lane goes to inspection; one to be inspected that finds no other lane keeps this one, where
    an officer directs it. How many were sent elsewhere.
    """
    lanes = {one.id: one for one in queries.count_lanes(lane.port_id)}
    policy = queries.policy_in_force(lane.port_id).lane_policy
    moved = 0
    for arrival_id, route in _on_their_way(lane):
        facts = facts_of(Assignment.objects.get(pk=arrival_id))
        if lane_for(replace(facts, lanes=(lanes[lane.pk],)), route, policy) is not None:
            continue
        target = lane_for(replace(facts, lanes=tuple(lanes.values())), route, policy)
        if target is not None:
            _redirect(arrival_id, route, lane, target, why=why, by=by, at=at)
            lanes[target] = lanes[target].longer(1, fast=route == Route.FAST)
        elif route == Route.FAST:
            override_to_inspection(
                arrival_id=arrival_id,
                port_code=lane.port_id,
                reason=reasons.LANE_GONE,
                by=by,
                at=at,
            )
        else:
            continue
        moved += 1
    return moved


_ON_THEIR_WAY = f"""
SELECT a.id, {ROUTE}
FROM (SELECT arrival_id AS id, decided_at FROM lanes_assignment d
      WHERE d.port_id = %s AND d.decided_at > statement_timestamp() - interval '1 hour'
        AND NOT EXISTS (SELECT 1 FROM lanes_passage p WHERE p.arrival_id = d.arrival_id
                        AND p.point IN ('lane', 'exam', 'exit'))) a {STANDING}
WHERE {LANE_ID} = %s ORDER BY a.decided_at, a.id
"""  # noqa: S608 (our own text)


def _on_their_way(lane: Lane) -> Iterator[tuple[uuid.UUID, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_ON_THEIR_WAY, [lane.port_id, lane.pk])
        yield from cursor.fetchall()


def _redirect(
    arrival_id: uuid.UUID, route: str, lane: Lane, target: int, *, why: str, by: Actor, at: datetime
) -> None:
    Redirection.objects.create(
        arrival_id=arrival_id,
        port_id=lane.port_id,
        route=route,
        from_lane=lane,
        lane_id=target,
        why=why,
        redirected_by=str(by),
        redirected_at=at,
    )
    to = Lane.objects.values_list("code", flat=True).get(pk=target)
    audit.record(
        "arrival.redirected",
        by=by,
        subject_kind="arrival",
        subject_id=arrival_id,
        port_code=lane.port_id,
        data={"from": lane.code, "to": to, "why": why},
    )
