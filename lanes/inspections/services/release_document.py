"""The release document of a joint inspection: signed, printed, verifiable by its QR code.

The token is a JWS (RFC 7515, ES256) under the programme's credential key, of the type
`release+jwt`: whoever has the published keys can check it without us.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Inspection, JointInspection, SealChange
from lanes.inspections.services.common import lock, record
from lanes.inspections.states import InspectionState
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused
from trustedtruck.core.fields import instant
from trustedtruck.credentials.formats import jws, strict_json
from trustedtruck.credentials.models import Purpose
from trustedtruck.credentials.services.keys import ensure_key, signer_of

TYPE = "release+jwt"
LIMIT = 2_000


@transaction.atomic
def issue_document(
    *, inspection_id: uuid.UUID, port_code: str, by: Actor, at: datetime
) -> JointInspection:
    """Sign the document once; asked again it is the same one.

    Raises `Refused` unless both agencies agreed to release the truck and it is released.
    """
    inspection = lock(inspection_id, port_code)
    joint = JointInspection.objects.filter(inspection=inspection).first()
    if (
        joint is None
        or joint.result != "release"
        or inspection.state != InspectionState.RELEASED
        or inspection.closed_at is None
    ):
        raise Refused(
            "not_released_jointly", _("Only a truck that both agencies released has this document.")
        )
    if joint.document:
        return joint
    arrival = inspection.assignment.arrival
    payload = {
        "iss": settings.BASE_URL,
        "jti": str(inspection.pk),
        "iat": int(at.timestamp()),
        "port": port_code,
        "dir": inspection.direction,
        "plate": f"{arrival.plate_number} {arrival.plate_jurisdiction}".strip(),
        "trip": arrival.trip_number,
        "seals": _seals_now(inspection),
        "by": [joint.agency_a_id, joint.agency_b_id],
        "released": instant(inspection.closed_at),
    }
    key = ensure_key(Purpose.CREDENTIAL, by=by, at=at)
    head = jws.header(typ=TYPE, kid=key.kid)
    joint.document = jws.sign(head, strict_json.dumps(payload), signer_of(key))
    joint.document_by, joint.document_at = str(by), at
    joint.save(update_fields=["document", "document_by", "document_at"])
    record("joint.document_issued", inspection, by)
    return joint


def _seals_now(inspection: Inspection) -> list[str]:
    """The seals that the truck leaves with: as the gate read them, and every exam replaced them.

    One exam may cut what another had put on; what it cut and no reader had read counts as well.
    """
    changes = SealChange.objects.filter(exam__inspection=inspection)
    seals = list(inspection.assignment.arrival.seals)
    for change in changes.order_by("exam__approved_at", "pk"):
        if change.old_number in seals:
            seals[seals.index(change.old_number)] = change.new_number
        else:
            seals.append(change.new_number)
    return seals
