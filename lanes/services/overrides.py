"""Officers against a decision: toward inspection by one, toward the fast lane by two."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes import queries
from lanes.models import Arrival, Assignment, Override, Passage, Route
from lanes.queries.decisions import facts_of
from lanes.queries.overrides import awaits_a_second, may_be_fast, overrides_of
from lanes.rules.decision import lane_for
from lanes.rules.lane_choice import choose_lane
from trustedtruck.accounts.notify import tell_officers
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, NotFound, Refused

# From the first signature on: a truck stands at the gate, and the world changes.
GOOD_FOR = timedelta(minutes=30)


class NoGoodCredentials(Refused):
    """A credential of the truck or driver is not active, or the carrier is not certified."""

    def __init__(self) -> None:
        super().__init__(
            "credentials_not_good",
            _("Without good credentials no truck is let into the fast lane."),
        )


@transaction.atomic
def override_to_inspection(
    *, arrival_id: uuid.UUID, port_code: str, reason: str, by: Actor, at: datetime
) -> Override:
    """Send a truck to inspection, whatever was decided. Raises `NotFound`, `Invalid`, `Refused`."""
    assignment = _decided(arrival_id, port_code)
    _check_reason(reason)
    _check_still_here(arrival_id)
    override = Override.objects.create(
        arrival_id=arrival_id,
        port_id=port_code,
        route=Route.INSPECTION,
        lane_id=_lane(assignment, Route.INSPECTION),
        reason=reason.strip(),
        requested_by=str(by),
        requested_at=at,
        effective_at=at,
    )
    _record("arrival.overridden", override, by)
    return override


@transaction.atomic
def request_fast(
    *, arrival_id: uuid.UUID, port_code: str, reason: str, by: Actor, at: datetime
) -> Override:
    """Ask for the fast lane against a decision; another officer must approve within 30 minutes.

    Raises `NotFound`, `Invalid`, `Refused`: never for a truck whose credentials are not good.
    """
    assignment = _decided(arrival_id, port_code)
    _check_reason(reason)
    _check_person(by)
    _check_still_here(arrival_id)
    if queries.route_in_force(arrival_id) == Route.FAST:
        raise Refused("fast_already", _("This truck goes to the fast lane already."))
    _check_credentials(assignment.arrival_id)
    orders = overrides_of([arrival_id]).get(arrival_id, [])
    if any(awaits_a_second(order, orders, at=at) for order in orders):
        raise Refused(
            "request_waits_already",
            _("A request for this truck waits for a second officer already."),
        )
    override = Override.objects.create(
        arrival_id=arrival_id,
        port_id=port_code,
        route=Route.FAST,
        reason=reason.strip(),
        requested_by=str(by),
        requested_at=at,
        expires_at=at + GOOD_FOR,
    )
    _record("arrival.override_requested", override, by)
    tell_officers(
        "fast_requested",
        permission=Permission.FAST_APPROVE,
        at=at,
        port_code=port_code,
        path=f"/console/ports/{port_code}/arrivals/{arrival_id}/",
        by=by,
        reason=override.reason,
    )
    return override


@transaction.atomic
def approve_fast(*, override: Override, by: Actor, at: datetime) -> Override:
    """The second signature: the truck may go to the fast lane until the request's expiry.

    Raises `Refused` for one's own request, a second time, after its expiry, and where the
    credentials are no longer good. The database refuses the same once more.
    """
    override = Override.objects.select_for_update().get(pk=override.pk)
    assignment = _decided(override.arrival_id, override.port_id)
    if override.effective_at:
        raise Refused("override_in_force_already", _("This override is in force already."))
    if override.requested_by == str(by):
        raise Refused("own_request", _("Whoever asked for an override cannot approve it."))
    _check_person(by)
    if override.expires_at is None or at >= override.expires_at:
        raise Refused("request_expired", _("This request has expired. Ask again."))
    _check_still_here(override.arrival_id)
    if _sent_to_inspection_since(override):
        raise Refused(
            "inspection_ordered_since",
            _("Since this request an officer sent the truck to inspection. Ask again."),
        )
    _check_credentials(override.arrival_id)
    lane = _lane(assignment, Route.FAST)
    if lane is None:
        raise Refused("no_fast_lane_open", _("No fast lane is open for this truck."))
    override.lane_id = lane
    override.approved_by, override.approved_at, override.effective_at = str(by), at, at
    override.save(update_fields=["lane", "approved_by", "approved_at", "effective_at"])
    _record("arrival.overridden", override, by)
    return override


def _decided(arrival_id: uuid.UUID, port_code: str) -> Assignment:
    found = Arrival.objects.filter(pk=arrival_id, port=port_code).first()
    if found is None:
        raise NotFound("arrival_unknown", _("There is no such arrival at this port."))
    # The lock makes two officers at once come one after the other.
    assignment = Assignment.objects.select_for_update().filter(pk=arrival_id).first()
    if assignment is None:
        raise Refused("not_decided_yet", _("This truck has no decision yet."))
    return assignment


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > 500:
        raise Invalid(
            (
                FieldError(
                    "reason", "reason_needed", _("Give a reason, in at most 500 characters.")
                ),
            ),
            _("Some fields are wrong."),
        )


def _check_person(by: Actor) -> None:
    if by.kind != "user":
        raise Refused("person_needed", _("Only officers let a truck into the fast lane."))


def _check_still_here(arrival_id: uuid.UUID) -> None:
    if Passage.objects.filter(arrival=arrival_id, point=Passage.Point.EXIT).exists():
        raise Refused("truck_left", _("This truck has left the port."))


def _check_credentials(arrival_id: uuid.UUID) -> None:
    if not may_be_fast(arrival_id):
        raise NoGoodCredentials


def _sent_to_inspection_since(override: Override) -> bool:
    return Override.objects.filter(
        arrival=override.arrival_id,
        route=Route.INSPECTION,
        effective_at__gte=override.requested_at,
    ).exists()


def _lane(assignment: Assignment, route: str) -> int | None:
    """The lane of this route with the shortest wait; the decided one as long as it serves it."""
    facts, lanes = facts_of(assignment), queries.count_lanes(assignment.port_id)
    if assignment.route == route:
        decided = replace(facts, lanes=tuple(one for one in lanes if one.id == assignment.lane_id))
        lane_policy = queries.policy_in_force(assignment.port_id).lane_policy
        if lane_id := lane_for(decided, route, lane_policy):
            return lane_id
    for group in (facts.seen.lane_group, ""):
        lane = choose_lane(
            lanes, route=route, direction=facts.seen.direction, group=group, load=None
        )
        if lane is not None:
            queries.note_sent(assignment.port_id, lane.id, route)
            return lane.id
    return None


def _record(action: str, override: Override, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="arrival",
        subject_id=override.arrival_id,
        port_code=override.port_id,
        data={
            "override": override.pk,
            "route": override.route,
            "reason": override.reason,
            "requested_by": override.requested_by,
            "expires_at": override.expires_at.isoformat() if override.expires_at else None,
        },
    )
