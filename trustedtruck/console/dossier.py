"""All that is known of one arrival, gathered for the truck's page."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext

from lanes.models import Alarm, Arrival, Assignment, Lane, Override, Passage, Policy
from lanes.queries.archive import archived
from lanes.queries.overrides import may_be_fast, overrides_of, standing_of
from lanes.reasons import reason_text
from lanes.rules import RULES, Facts, decide
from lanes.rules.policy import Policy as Rules
from trustedtruck.audit.models import Event
from trustedtruck.audit.presenters import sentence
from trustedtruck.carriers.models import Driver, Truck
from trustedtruck.credentials.models import Credential, Hold
from trustedtruck.manifests.models import Trip


@dataclass(frozen=True)
class Judged:
    """One rule asked again over the stored facts; `against` is whether it stood in the way."""

    code: str
    text: str
    explanation: str
    against: bool


@dataclass
class Recomputed:
    """The decision made again from what was stored with it. `differs` must never be true."""

    possible: bool = False
    rules: list[Judged] = field(default_factory=list)
    differs: bool = False

    @property
    def against(self) -> list[Judged]:
        return [rule for rule in self.rules if rule.against]

    @property
    def in_order(self) -> list[Judged]:
        return [rule for rule in self.rules if not rule.against]


@dataclass
class Dossier:
    """Everything optional is None or empty where nothing is known."""

    arrival: Arrival
    assignment: Assignment | None
    reasons: list[str | Promise]
    route_in_force: str | None
    may_be_fast: bool
    lane_in_force: Lane | None
    overrides: list[Override]
    recomputed: Recomputed
    truck: Truck | None
    driver: Driver | None
    credentials: list[Credential]
    holds: list[Hold]
    trip: Trip | None
    trip_facts: dict[str, Any] | None
    passages: list[Passage]
    alarms: list[Alarm]
    timeline: list[tuple[datetime, str]]


def dossier(arrival: Arrival, *, people: bool) -> Dossier:
    """`people` is whether the reader may see who drives."""
    assignment = (
        Assignment.objects.filter(arrival=arrival)
        .select_related("lane", "carrier", "truck__carrier", "driver")
        .first()
    )
    passages = list(arrival.passages.select_related("lane", "device").order_by("at"))
    past = archived(arrival.pk) if assignment is None else None
    if past is not None:
        assignment, passages = past.assignment, past.passages
    truck = assignment.truck if assignment else None
    facts = assignment.facts if assignment else {}
    ids = [assignment.truck_credential_id, assignment.driver_credential_id] if assignment else []
    credentials = Credential.objects.filter(pk__in=[i for i in ids if i]).defer("qr", "vc_jwt")
    trip_facts = facts.get("trip")
    standing = standing_of(assignment, past) if assignment else None
    return Dossier(
        arrival=arrival,
        assignment=assignment,
        reasons=[reason_text(code) for code in assignment.reasons] if assignment else [],
        route_in_force=standing.route if standing else None,
        may_be_fast=assignment is not None and may_be_fast(arrival.pk),
        lane_in_force=standing.lane if standing else None,
        overrides=overrides_of([arrival.pk]).get(arrival.pk, []),
        recomputed=recompute(assignment) if assignment else Recomputed(),
        truck=truck,
        driver=assignment.driver if assignment and people else None,
        credentials=list(credentials.order_by("kind")),
        holds=_holds(assignment) if assignment else [],
        trip=trip_of(trip_facts),
        trip_facts=trip_facts,
        passages=passages,
        alarms=list(arrival.alarms.order_by("at")),
        timeline=_timeline(arrival),
    )


def recompute(assignment: Assignment) -> Recomputed:
    """Ask every rule again. Impossible where no rule was asked, or the facts are of another age."""
    if assignment.decided_by != Assignment.By.WORKER or not assignment.facts:
        return Recomputed()
    body = (
        Policy.objects.filter(port=assignment.port_id, version=assignment.policy_version)
        .values_list("body", flat=True)
        .first()
    )
    try:
        facts = Facts.from_json(assignment.facts)
        policy = Rules.from_json(assignment.policy_version, body or {"sampling_by_tier": {}})
        decision = decide(facts, policy, assignment.draw)
        rules = [
            Judged(rule.code, gettext(rule.text), rule.explanation, rule.test(facts, policy))
            for rule in RULES
        ]
    except (KeyError, TypeError, ValueError):
        return Recomputed()
    differs = (decision.route, list(decision.reasons)) != (assignment.route, assignment.reasons)
    return Recomputed(True, rules, differs)


def trip_of(trip_facts: dict[str, Any] | None) -> Trip | None:
    if not trip_facts:
        return None
    rows = Trip.objects.select_related("carrier").prefetch_related(
        "equipment__seals", "seals", "shipments__commodities"
    )
    return rows.filter(pk=int(trip_facts.get("id") or 0)).first()


def _holds(assignment: Assignment) -> list[Hold]:
    """Those on the truck and the driver, whatever credential they show by now."""
    about = Q()
    for name in ("truck_id", "driver_id"):
        if (subject := getattr(assignment, name)) is not None:
            about |= Q(**{f"credential__{name}": subject})
    return list(Hold.objects.filter(about, lifted_at__isnull=True)) if about else []


def _timeline(arrival: Arrival) -> list[tuple[datetime, str]]:
    """The audit's events about the arrival and its alarms, as sentences."""
    alarms = [str(pk) for pk in arrival.alarms.values_list("pk", flat=True)]
    about = Event.objects.filter(subject_kind="arrival", subject_id=str(arrival.pk))
    about |= Event.objects.filter(subject_kind="alarm", subject_id__in=alarms)
    return [(event.at, sentence(event)) for event in about.order_by("id")[:100]]
