"""Patterns in what alerts and carriers' registers hold: near misses, and carriers that share.

Each gives the rows that it comes from. What needs manifests is in `manifests.services.patterns`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import combinations

from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.models import Feedback, Filing, Finding, Hit, Seizure
from trustedtruck.alerts.services.findings import Pattern, note_patterns
from trustedtruck.alerts.states import HitState
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Driver, Profile, Truck

# A kind of thing that carriers can share, and which; kinds as in `alerts.kinds`, and "address".
Thing = tuple[str, str]
# One shared thing can be a sale; so many together are worth a look.
SHARED = 2
NEAR_MISSES = 2


def find_patterns(*, by: Actor, at: datetime) -> int:
    """Note what is new. How many."""
    return note_patterns(found=[*shells(), *near_misses()], by=by, at=at)


def shells() -> Iterator[Pattern]:
    """Pairs of carriers that share two or more plates, drivers or addresses, now or before."""
    shared: dict[tuple[str, str], set[Thing]] = defaultdict(set)
    plates = Truck.objects.values_list("plate_jurisdiction", "plate_number", "carrier__scac")
    _share(
        shared, (((Kind.PLATE.value, f"{place} {number}"), scac) for place, number, scac in plates)
    )
    cards = Driver.objects.exclude(fast_card=None).values_list("fast_card", "carrier__scac")
    _share(shared, (((Kind.DRIVER.value, str(card)), scac) for card, scac in cards))
    places = Profile.objects.exclude(street="").values_list("street", "city", "carrier__scac")
    _share(
        shared, ((("address", f"{street}, {city}".upper()), scac) for street, city, scac in places)
    )
    for (one, other), things in sorted(shared.items()):
        if len(things) >= SHARED:
            evidence = {"carriers": [one, other], "things": sorted(things)}
            yield Pattern(Finding.Pattern.SHELL, f"{one}, {other}", evidence)


def _share(shared: dict[tuple[str, str], set[Thing]], rows: Iterable[tuple[Thing, str]]) -> None:
    owners: dict[Thing, set[str]] = defaultdict(set)
    for thing, scac in rows:
        owners[thing].add(scac)
    for thing, scacs in owners.items():
        for pair in combinations(sorted(scacs), 2):
            shared[pair].add(thing)


def near_misses() -> Iterator[Pattern]:
    """Carriers with a seizure, and hits before it that were dismissed or found nothing."""
    seizures = Seizure.objects.filter(feedback__hit__isnull=False).select_related("feedback__hit")
    first: dict[str, Seizure] = {}
    hit_on = Filing.objects.filter(ref__in=Hit.objects.values("ref"))
    scac_of = dict(hit_on.values_list("ref", "scac"))
    for seizure in seizures.order_by("seized_at"):
        hit = seizure.feedback.hit
        if hit is not None and (scac := scac_of.get(hit.ref, "")):
            first.setdefault(scac, seizure)
    if not first:
        return
    nothing = set(
        Feedback.objects.filter(result=Feedback.Result.NOTHING).values_list("hit_id", flat=True)
    )
    missed: dict[str, list[Hit]] = defaultdict(list)
    for hit in Hit.objects.filter(subject_kind=Hit.Subject.TRIP).order_by("at"):
        scac = scac_of.get(hit.ref, "")
        over = hit.state == HitState.DISMISSED or hit.pk in nothing
        if scac in first and over and hit.at < first[scac].seized_at:
            missed[scac].append(hit)
    for scac, hits in missed.items():
        if len(hits) >= NEAR_MISSES:
            evidence = {
                "seized": first[scac].seized_at.isoformat(),
                "trips": [f"{hit.ref} {hit.at:%Y-%m-%d}" for hit in hits],
            }
            yield Pattern(Finding.Pattern.NEAR_MISSES, scac, evidence)
