"""Rules about what was filed before the truck came, and whether it agrees with what came."""

from lanes.rules.facts import Facts
from lanes.rules.policy import Policy
from lanes.rules.registry import rule
from trustedtruck.manifests.facts import ShipmentFacts, TripFacts


@rule
def manifest_missing(facts: Facts, policy: Policy) -> bool:
    """No complete manifest is on file for this truck.

    A FAST truck needs an advance electronic manifest (19 CFR 123.92). A preliminary or cancelled
    one, and one whose truck has left the port already, are none.
    """
    return facts.trip is None or facts.trip.state != "filed" or facts.trip.filed_at is None


@rule
def manifest_filed_late(facts: Facts, policy: Policy) -> bool:
    """The manifest was not complete long enough before the truck came.

    One hour before arrival, half an hour for FAST (19 CFR 123.92(b)); measured between the clocks
    of the database.
    """
    if facts.trip is None or facts.trip.filed_at is None:
        return False
    early = facts.seen.received_at - facts.trip.filed_at
    return not early >= policy.fast_filing_minutes * 60


@rule
def trip_not_expected(facts: Facts, policy: Policy) -> bool:
    """The manifest is for another port or another day.

    An old manifest must not carry a truck through twice.
    """
    trip = facts.trip
    if trip is None:
        return False
    if trip.port != facts.port or trip.estimated_arrival_at is None:
        return True
    away = abs(facts.seen.received_at - trip.estimated_arrival_at)
    return not away <= policy.trip_window_hours * 3600


@rule
def trip_of_another_carrier(facts: Facts, policy: Policy) -> bool:
    """The manifest was filed by another carrier than the truck's.

    The carrier that is trusted must be the one that answers for the trip.
    """
    return (
        facts.trip is not None
        and facts.carrier is not None
        and facts.trip.carrier_id != facts.carrier.id
    )


@rule
def vehicle_not_on_manifest(facts: Facts, policy: Policy) -> bool:
    """The truck is not the one on the manifest: plate or tag differ.

    Whatever the manifest names must be what the readers saw; the plate must be named.
    """
    trip, seen = facts.trip, facts.seen
    if trip is None:
        return False
    plates = (trip.plate_number, trip.plate_jurisdiction)
    tags = trip.tag_epc and trip.tag_epc != seen.tag_epc
    return plates != (seen.plate_number, seen.plate_jurisdiction) or bool(tags)


@rule
def driver_not_on_manifest(facts: Facts, policy: Policy) -> bool:
    """The driver is not the one on the manifest.

    Found by the FAST card that the manifest names for its driver.
    """
    return (
        facts.trip is not None
        and facts.driver is not None
        and facts.driver.id not in {person.driver_id for person in facts.trip.drivers}
    )


@rule
def seals_disagree(facts: Facts, policy: Policy) -> bool:
    """The seals on the truck are not the seals on the manifest.

    Seal numbers are enforced: one missing, one too many or one that differs is a broken chain.
    """
    if facts.trip is None:
        return False
    return set(facts.seen.seals) != {seal.number for seal in facts.trip.seals}


@rule
def seal_not_high_security(facts: Facts, policy: Policy) -> bool:
    """A loaded trailer or container has no high-security seal (ISO 17712 “H”).

    Every loaded unit needs one; the manifest names its grade.
    """
    trip = facts.trip
    if trip is None or not trip.laden:
        return False
    loaded = [unit for unit in trip.trailers if unit.loaded]
    if not loaded:
        return all(seal.grade != "H" for seal in trip.seals)
    return any(all(seal.grade != "H" for seal in unit.seals) for unit in loaded)


@rule
def trade_partner_not_certified(facts: Facts, policy: Policy) -> bool:
    """The manufacturer or the importer of a shipment is not certified, or not named.

    FAST takes goods of a certified manufacturer for a certified importer only.
    """
    return any(
        shipment.manufacturer_certified is not True or shipment.importer_certified is not True
        for shipment in _shipments(facts.trip)
    )


@rule
def laden_without_shipments(facts: Facts, policy: Policy) -> bool:
    """The truck is loaded, but its manifest names no shipment.

    Goods that nobody declared cannot be known trade.
    """
    return facts.trip is not None and facts.trip.laden and not facts.trip.shipments


@rule
def plant_health_certificate_missing(facts: Facts, policy: Policy) -> bool:
    """A shipment needs a plant-health certificate, and none that is valid and bound to it is there.

    The policy names the goods by their HS codes; goods that nobody named could be any of them. The
    certificate must be issued and have come from an agency or a port, not from the carrier alone;
    it must name a seal of the truck under which nothing came in before, and agree in goods,
    consignee, country and weight (ISPM 12).
    """
    if facts.trip is None:
        return False
    good = {c.control_number for c in facts.trip.certificates if c.agrees}
    return any(
        shipment.control_number not in good and shipment.may_hold(policy.certificates_required)
        for shipment in _shipments(facts.trip)
    )


@rule
def weight_disagrees(facts: Facts, policy: Policy) -> bool:
    """The weight on the scale is missing or is not the weight on the manifest.

    Within the policy's tolerance of the manifest's gross weight; a gate without a scale needs a
    policy that says so.
    """
    seen = facts.seen.gross_weight_kg
    filed = facts.trip.gross_weight_kg if facts.trip else None
    if seen is None or not filed:
        return policy.require_weight
    return not abs(seen - filed) <= policy.weight_tolerance * filed


def _shipments(trip: TripFacts | None) -> tuple[ShipmentFacts, ...]:
    return trip.shipments if trip else ()
