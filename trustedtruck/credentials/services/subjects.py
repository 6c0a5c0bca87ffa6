"""What a credential says about its subject."""

from typing import Any

from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.credentials.states import Kind

Subject = Carrier | Driver | Truck | Trailer


def kind_of(subject: Subject) -> Kind:
    match subject:
        case Carrier():
            return Kind.CARRIER
        case Driver():
            return Kind.DRIVER
        case Truck():
            return Kind.TRUCK
        case Trailer():
            return Kind.TRAILER


def carrier_id_of(subject: Subject) -> int:
    return subject.pk if isinstance(subject, Carrier) else subject.carrier_id


def carrier_of(subject: Subject) -> Carrier:
    return subject if isinstance(subject, Carrier) else subject.carrier


def properties(subject: Subject, carrier: Carrier) -> dict[str, Any]:
    """The JSON-LD properties of the subject, without `id` and `type`.

    A driver's birth date and citizenship stay out: a lane does not need them.
    """
    match subject:
        case Carrier():
            return _named(carrier)
        case Driver():
            found: dict[str, Any] = {
                "givenNames": subject.given_names,
                "familyNames": subject.family_names,
            }
            if subject.fast_card:
                found["fastCard"] = subject.fast_card
        case Truck():
            found = {"unitNumber": subject.number, "vin": subject.vin, **_plate(subject)}
            if subject.tag_epc:
                found["tagEpc"] = subject.tag_epc
        case Trailer():
            found = {"unitNumber": subject.number, **_plate(subject)}
    found["carrier"] = {
        "id": f"urn:uuid:{carrier.public_id}",
        "type": "TrustedCarrier",
        "legalName": carrier.legal_name,
        "scac": carrier.scac,
    }
    return found


def _named(carrier: Carrier) -> dict[str, Any]:
    optional = {"usdot": carrier.usdot, "caat": carrier.caat}
    return {
        "legalName": carrier.legal_name,
        "scac": carrier.scac,
        "country": carrier.country,
        **{name: value for name, value in optional.items() if value},
    }


def _plate(subject: Truck | Trailer) -> dict[str, str]:
    return {
        "plateNumber": subject.plate_number,
        "plateJurisdiction": subject.plate_jurisdiction,
    }
