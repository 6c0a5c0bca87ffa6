"""Which inspections an officer sees: all of the port, or those that the own agency is part of."""

import uuid

from django.db.models import Q
from django.shortcuts import get_object_or_404

from lanes.inspections.models import Inspection
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission


def seen_by(officer: User, code: str | None, inspection: str = "") -> Q:
    """For a filter; `inspection` is the way from the rows to their inspection, empty for these.

    A partner's officer sees what both countries inspect, and nothing else of the port.
    """
    if user_can(officer, Permission.INSPECTION_READ, code):
        return Q()
    way = f"{inspection}__joint" if inspection else "joint"
    # Every officer has an agency: a constraint of the accounts.
    return Q(**{f"{way}__agency_a": officer.agency}) | Q(**{f"{way}__agency_b": officer.agency})


def inspection_or_404(officer: User, code: str, inspection_id: uuid.UUID) -> Inspection:
    """As its pages need it."""
    rows = Inspection.objects.select_related(
        "assignment__arrival", "assignment__lane", "assignment__truck", "carrier", "station"
    )
    return get_object_or_404(rows.filter(seen_by(officer, code)), pk=inspection_id, port=code)
