"""The demonstration's stations, and the hours in which two countries inspect together there."""

from datetime import datetime, time

from lanes.demonstration.port import OTAY_MESA, WORLD_TRADE
from lanes.inspections.models import Facility, Station
from lanes.inspections.services.stations import StationKind, save_station, set_joint_hours
from lanes.models import Direction, Port
from trustedtruck.audit.actors import Actor

K = Station.Kind
# World Trade Bridge opens 8:00 to midnight; the hours of joint inspections are an assumption.
_OPENS, _CLOSES = time(8), time(0)
_STATIONS = {
    WORLD_TRADE: [
        StationKind("nii-1", "Portal 1", K.NII_PORTAL, 6),
        StationKind("nii-2", "Portal 2", K.NII_PORTAL, 6),
        StationKind("bs-1", "Backscatter van", K.NII_BACKSCATTER, 2),
        StationKind("dock-1", "Dock 1 to 20", K.DOCK, 20),
        StationKind("k9-1", "Kennel", K.CANINE, 4),
        StationKind("rad-1", "Radiation secondary", K.RADIATION, 3),
        StationKind("agri-1", "Plant inspection", K.AGRICULTURE, 4),
        StationKind("air-1", "Air cargo dock", K.DOCK, 4, Facility.AIR_CARGO),
    ],
    OTAY_MESA: [
        StationKind("nii-1", "Portal", K.NII_PORTAL, 4),
        StationKind("dock-1", "Dock", K.DOCK, 12),
    ],
}


def make_stations(*, by: Actor, at: datetime) -> None:
    """Once; stations that officers changed stay as they are."""
    if Station.objects.exists():
        return
    for code, kinds in _STATIONS.items():
        port = Port.objects.get(pk=code)
        for kind in kinds:
            save_station(port=port, what=kind, by=by, at=at)
        facilities = {kind.facility for kind in kinds}
        for direction in Direction.values:
            for facility in sorted(facilities):
                set_joint_hours(
                    port=port,
                    direction=direction,
                    facility=facility,
                    opens=_OPENS,
                    closes=_CLOSES,
                    by=by,
                    at=at,
                )
