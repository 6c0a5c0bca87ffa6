"""A planted officer-carrier bias is found, an honest day raises nothing."""

import io
import json
import random
from collections.abc import Callable
from datetime import timedelta
from math import comb

import pytest
from django.core.management import call_command
from django.utils import timezone

from lanes.bias.exact import adjusted, at_least, two_sided
from lanes.bias.report import Act, Found, Truck, flagged, report
from lanes.models import Alarm, Arrival, Assignment, Lane, Policy
from lanes.queries import port as kept
from lanes.queries.bias import observed
from lanes.services.overrides import override_to_inspection
from lanes.services.policies import approve_policy, draft_policy
from tests.cast import PORT, Cast, make_carrier
from tests.lanes.conftest import Gate
from trustedtruck.audit.actors import Actor
from trustedtruck.core.fields import instant
from trustedtruck.core.ids import uuid7

CARRIERS = [f"CAR{n:02d}" for n in range(40)]
OFFICERS = [f"officer {n}" for n in range(12)]
RATES = {0: 0.10, 1: 0.05, 2: 0.02}


class Day:
    """A day of 3,000 trucks with 12 officers; `favour` is an officer, a carrier and a number."""

    def __init__(self, seed: int, favour: tuple[str, str, int] | None = None) -> None:
        chance = random.Random(seed)
        weights = [chance.uniform(0.2, 2.0) for _ in CARRIERS]
        self.trucks = [self._truck(chance, weights) for _ in range(3000)]
        shifts = {o: set(range(n % 3 * 8, n % 3 * 8 + 8)) for n, o in enumerate(OFFICERS)}
        self.duty = shifts
        self.acts: list[Act] = []
        for route, decided, number in (("fast", "inspection", 40), ("inspection", "fast", 60)):
            open_to = [truck for truck in self.trucks if truck.route == decided]
            for truck in chance.sample(open_to, number):
                self._override(truck, route, chance)
        if favour:
            officer, carrier, number = favour
            mine = [
                t
                for t in self.trucks
                if t.carrier == carrier and t.route == "inspection" and t.hour in shifts[officer]
            ]
            for truck in mine[:number]:
                self.acts += [Act(truck, "fast"), Act(truck, "fast", officer)]
            assert len(mine) >= number

    def _truck(self, chance: random.Random, weights: list[float]) -> Truck:
        carrier = chance.choices(range(len(CARRIERS)), weights)[0]
        hour, passes = chance.randrange(24), chance.random() < 0.6
        rate = RATES[carrier % 3]
        drawn = passes and chance.random() < rate
        return Truck(
            CARRIERS[carrier],
            f"{chance.randrange(1, 15):02d}",
            hour,
            hour,
            "fast" if passes and not drawn else "inspection",
            rate if passes else None,
            drawn,
        )

    def _override(self, truck: Truck, route: str, chance: random.Random) -> None:
        officer = chance.choice([o for o, hours in self.duty.items() if truck.hour in hours])
        self.acts += [Act(truck, route), Act(truck, route, officer)]

    def report(self) -> list[Found]:
        return report(self.trucks, self.acts, self.duty)


def test_exact_tests_agree_with_counting_by_hand() -> None:
    def chance(k: int) -> float:
        return comb(20, k) * 0.3**k * 0.7 ** (20 - k)

    assert at_least(11, 20, 0.3) == pytest.approx(sum(map(chance, range(11, 21))))
    assert at_least(0, 20, 0.3) == 1.0
    less_likely = [k for k in range(21) if chance(k) <= chance(11)]
    assert two_sided(11, 20, 0.3) == pytest.approx(sum(map(chance, less_likely)))
    assert two_sided(0, 0, 0.3) == 1.0
    assert (at_least(1, 5, 0.0), at_least(5, 5, 1.0)) == (0.0, 1.0)


def test_the_correction_agrees_with_the_published_example() -> None:
    """The fifteen chances of Benjamini and Hochberg (1995), section 3.2: four stand at 0.05."""
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    chances += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert [a <= 0.05 for a in adjusted(chances)] == [True] * 4 + [False] * 11
    assert adjusted([]) == []


def test_an_honest_day_raises_none() -> None:
    assert flagged(Day(seed=1).report()) == []


@pytest.mark.slow
def test_the_false_alarm_rate_is_what_is_promised() -> None:
    """At most one honest day in 100 may raise an alarm; of 1,000 seeds three do (0.3 %)."""
    alarms = [seed for seed in range(300) if flagged(Day(seed).report())]
    assert alarms == [58, 59, 176]


def test_a_planted_officer_and_carrier_are_found() -> None:
    day = Day(seed=2, favour=("officer 4", "CAR32", 8))
    found = flagged(day.report())
    assert ("favours", "officer and carrier", "officer 4 and CAR32") in {
        (one.kind, one.by, one.group) for one in found
    }
    named = {one.group for one in found if one.by == "officer and carrier"}
    assert named == {"officer 4 and CAR32"}


def test_a_carrier_that_is_never_drawn_is_found() -> None:
    day = Day(seed=3)
    spared = [
        Truck(t.carrier, t.lane, t.hour, t.day_hour, t.route, 0.5 if t.rate else None, t.drawn)
        for t in day.trucks
        if t.carrier == "CAR00"
    ]
    assert any(
        (one.kind, one.by, one.group) == ("draws", "carrier", "CAR00")
        for one in flagged(report(spared, [], {}))
    )


def test_an_hour_and_a_lane_that_let_trucks_through_are_found() -> None:
    day = Day(seed=4)
    through = [t for t in day.trucks if t.route == "inspection" and t.hour == 3][:12]
    acts = day.acts + [Act(truck, "fast") for truck in through]
    groups = {(one.by, one.group) for one in flagged(report(day.trucks, acts, day.duty))}
    assert ("hour", "03") in groups
    lane = day.trucks[0].lane
    same = [t for t in day.trucks if t.route == "inspection" and t.lane == lane][:20]
    acts = day.acts + [Act(truck, "fast") for truck in same]
    groups = {(one.by, one.group) for one in flagged(report(day.trucks, acts, day.duty))}
    assert ("lane", lane) in groups


def test_the_command_reads_officers_from_the_audit(
    cast: Cast, gate: object, decide_now: Callable[[], int]
) -> None:
    """Sur's trucks are sent to inspection by Mala alone; other officers send one of each."""
    now = timezone.now()
    others = [make_carrier(f"OTH{letter}", f"Other {letter}") for letter in "ABCDEFGHI"]
    carriers = [cast.norte, cast.sur, *others]
    arrivals = [_fast(cast, carrier.pk, carrier.scac) for carrier in carriers for _ in range(20)]
    mala = Actor("user", "66", "Mala")

    def stop(arrival: Arrival, by: Actor) -> None:
        override_to_inspection(
            arrival_id=arrival.pk, port_code=PORT, reason="Looked odd.", by=by, at=now
        )

    for arrival in arrivals[20:30]:
        stop(arrival, mala)
    for n, arrival in enumerate(arrivals[5::20]):
        stop(arrival, Actor("user", str(n % 3 + 1), "Honest"))
    out = io.StringIO()
    period = ["--from", (now - timedelta(hours=1)).isoformat()]
    period += ["--to", (now + timedelta(hours=1)).isoformat()]
    call_command("draws", "bias", *period, "--json", stdout=out)
    found = json.loads(out.getvalue())
    pairs = [f["group"] for f in found["flagged"] if f["by"] == "officer and carrier"]
    assert pairs == ["66 Mala and SURR"]


def test_only_what_was_let_through_against_the_decision_is_a_favour(
    cast: Cast, gate: Gate, decide_now: Callable[[], int]
) -> None:
    """Not what the policy `open` sent to an idle fast lane, nor an inspection in a lane that
    became a fast one later."""
    now = timezone.now()
    body = Policy.objects.get(port=PORT, version=1).body | {"lane_policy": "open"}
    draft = draft_policy(port=cast.port, body=body, by=Actor("user", "1"), at=now)
    approve_policy(policy=draft, by=Actor("user", "2"), at=now)
    kept.forget()
    lanes = Lane.objects.filter(port=PORT)

    def goes_through(sent_to: str, through: str) -> Arrival:
        lanes.exclude(code=sent_to).update(state="closed")
        lanes.filter(code=sent_to).update(state="open")
        kept.forget()
        told = gate.arrive(cast.arrival(seals=["OTHER"]), "respond-async")
        decide_now()
        decided = gate.get(told["Location"]).json()
        assert (decided["route"], decided["lane"]["code"]) == ("inspection", sent_to)
        passed = {"event_id": "p", "point": "lane", "lane": through, "at": instant(timezone.now())}
        assert gate.post(f"{told['Location']}passages/", passed).status_code == 201
        return Arrival.objects.get(pk=decided["id"])

    goes_through("01", "01")
    goes_through("03", "03")
    goes_through("04", "02")
    lanes.filter(code="03").update(route="fast")
    assert Alarm.objects.count() == 1
    _trucks, acts, _duty = observed(PORT, now - timedelta(hours=1), now + timedelta(hours=1))
    assert [(act.truck.lane, act.route) for act in acts] == [("04", "fast")]


def _fast(cast: Cast, carrier_id: int, scac: str) -> Arrival:
    now = timezone.now()
    arrival = Arrival.objects.create(
        port=cast.port,
        device=cast.device,
        event_id=str(uuid7()),
        body_sha256=b"",
        deadline_at=now + timedelta(seconds=30),
        observed_at=now,
        direction="northbound",
    )
    Assignment.objects.create(
        arrival=arrival,
        port=cast.port,
        route="fast",
        lane=cast.port.lanes.get(code="01"),
        reasons=["trusted"],
        facts={"carrier": {"scac": scac}},
        policy_version=99,
        decided_at=now,
        decided_by="worker",
        carrier_id=carrier_id,
        truck=cast.truck,
        truck_credential=cast.credentials["truck"],
    )
    return arrival
