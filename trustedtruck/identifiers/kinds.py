"""Every family of identifiers by name: the name of its module."""

from collections.abc import Callable

from trustedtruck.identifiers import (
    bn,
    caat,
    curp,
    ein,
    epc,
    fast_card,
    hs,
    iso6346,
    jurisdiction,
    pedimento,
    plate,
    port_code,
    rfc,
    scac,
    seal,
    shipment_control_number,
    tax_id,
    trip_number,
    usdot,
    vin,
)
from trustedtruck.identifiers.checked import Checked

KINDS: dict[str, Callable[[str], Checked]] = {
    "bn": bn.check,
    "caat": caat.check,
    "curp": curp.check,
    "ein": ein.check,
    "epc": epc.check,
    "fast_card": fast_card.check,
    "hs": hs.check,
    "iso6346": iso6346.check,
    "jurisdiction": jurisdiction.check,
    "pedimento": pedimento.check,
    "plate": plate.check,
    "port_code": port_code.check,
    "rfc": rfc.check,
    "scac": scac.check,
    "seal": seal.check,
    "shipment_control_number": shipment_control_number.check,
    "tax_id": tax_id.check,
    "trip_number": trip_number.check,
    "usdot": usdot.check,
    "vin": vin.check,
}
