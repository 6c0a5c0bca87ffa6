"""The report: what was drawn, let through and held up, by officer, lane, carrier and hour.

Three kinds of thing are counted against what chance would give:

- **draws**: each truck that passed all rules was drawn with a known rate. Where the rates of a
  group differ, their mean makes the test a little more cautious than it need be.
- **favours**: trucks that were to be inspected and were let into the fast lane. Given how many
  there were, each falls to a group with its share of the trucks that were to be inspected.
- **burdens**: trucks that were fast and were sent to inspection, likewise.

An officer's share comes from the hours in which the officer did anything at the port. For officer
and carrier together, the officer's own number is taken as given: an officer who overrides often is
no suspect for that, one who overrides for one carrier is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lanes.bias.exact import adjusted, at_least, two_sided

FALSE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Truck:
    """A decided arrival. `rate` is None where it was not for the draw to decide."""

    carrier: str
    lane: str
    hour: int
    day_hour: int
    route: str
    rate: float | None = None
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """A truck sent elsewhere than decided; `officer` is empty where only the passage shows it."""

    truck: Truck
    route: str
    officer: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One question and its answer. `adjusted` at most the false share: chance is no explanation."""

    kind: str
    by: str
    group: str
    hits: int
    trials: int
    expected: float
    chance: float
    adjusted: float = 1.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def report(trucks: Sequence[Truck], acts: Sequence[Act], duty: dict[str, set[int]]) -> list[Found]:
    """All questions with their answers, the least likely first.

    `duty` gives each officer's hours, as `Truck.hour`.
    """
    found = [*_draws(trucks)]
    for kind, decided, sent in (
        ("favours", "inspection", "fast"),
        ("burdens", "fast", "inspection"),
    ):
        open_to = [truck for truck in trucks if truck.route == decided]
        found += _acts(kind, open_to, [act for act in acts if act.route == sent], duty)
    chances = adjusted([one.chance for one in found])
    settled = [_with(one, chance) for one, chance in zip(found, chances, strict=True)]
    return sorted(settled, key=lambda one: (one.adjusted, one.chance, one.kind, one.by, one.group))


def flagged(found: Iterable[Found], false_share: float = FALSE_SHARE) -> list[Found]:
    return [one for one in found if one.adjusted <= false_share]


def _with(one: Found, chance: float) -> Found:
    return Found(**{**asdict(one), "adjusted": chance})


_GROUPS: dict[str, Callable[[Truck], Hashable]] = {
    "carrier": lambda truck: truck.carrier,
    "hour": lambda truck: f"{truck.day_hour:02d}",
    "lane": lambda truck: truck.lane,
}


def _draws(trucks: Sequence[Truck]) -> Iterator[Found]:
    asked = [truck for truck in trucks if truck.rate is not None and 0 < truck.rate < 1]
    for by in ("carrier", "hour"):
        groups: dict[Hashable, list[Truck]] = defaultdict(list)
        for truck in asked:
            groups[_GROUPS[by](truck)].append(truck)
        for group, members in groups.items():
            hits, trials = sum(truck.drawn for truck in members), len(members)
            expected = sum(truck.rate or 0.0 for truck in members)
            chance = two_sided(hits, trials, expected / trials)
            yield Found("draws", by, str(group), hits, trials, expected, chance)


def _acts(
    kind: str, open_to: Sequence[Truck], acts: Sequence[Act], duty: dict[str, set[int]]
) -> Iterator[Found]:
    if not open_to:
        return
    trucks_only = [act for act in acts if not act.officer]
    for by, group_of in _GROUPS.items():
        exposed = Counter(group_of(truck) for truck in open_to)
        hits = Counter(group_of(act.truck) for act in trucks_only)
        yield from _shares(kind, by, hits, exposed)
    by_hour = Counter(truck.hour for truck in open_to)
    exposed = Counter({o: sum(by_hour[hour] for hour in hours) for o, hours in duty.items()})
    signed = [act for act in acts if act.officer]
    yield from _shares(kind, "officer", Counter(act.officer for act in signed), exposed)
    for officer in sorted({act.officer for act in signed}):
        own = Counter(act.truck.carrier for act in signed if act.officer == officer)
        met = Counter(t.carrier for t in open_to if t.hour in duty.get(officer, ()))
        yield from _shares(kind, "officer and carrier", own, met, prefix=f"{officer} and ")


def _shares(
    kind: str,
    by: str,
    hits: Counter[Any],
    exposed: Counter[Any],
    prefix: str = "",
) -> Iterator[Found]:
    trials, total = sum(hits.values()), sum(exposed.values())
    if not trials or not total:
        return
    for group in sorted(exposed.keys() | hits.keys(), key=str):
        share = exposed[group] / total
        chance = at_least(hits[group], trials, share)
        yield Found(kind, by, f"{prefix}{group}", hits[group], trials, trials * share, chance)
