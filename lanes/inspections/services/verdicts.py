"""People read scans: one look, and a second one by somebody else where policy asks for it."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Scan, Verdict
from lanes.inspections.services.cases import hold
from lanes.inspections.services.common import lock, record, written, wrong
from lanes.inspections.states import CLOSED, INSPECTION
from lanes.queries import policy_in_force
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import NotFound, Refused


def needs_second_look(scan: Scan, threshold: float) -> bool:
    """A strong mark or a radiation alarm is not cleared by one person alone."""
    return scan.radiation_alarm is True or scan.highest_score >= threshold


@transaction.atomic
def judge_scan(
    *,
    scan_id: uuid.UUID,
    port_code: str,
    look: int,
    word: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> Verdict:
    """Clear, to an exam, or hold. `look` is which one the officer believes to give, 1 or 2.

    Whatever does not clear is final at once, and so is a second look. A final hold holds the truck.
    Raises `NotFound`, `Invalid`, or `Refused` where somebody was faster, for a second verdict of
    the same person, and while a picture is missing.
    """
    reason = written("reason", reason)
    if word not in Verdict.Word.values:
        raise wrong("word", "unknown_verdict", _("There is no such verdict."))
    found = Scan.objects.filter(pk=scan_id, port=port_code).only("inspection_id").first()
    if found is None:
        raise NotFound("scan_unknown", _("There is no such scan at this port."))
    # The inspection first, as everywhere: two officers then come one after the other.
    inspection = lock(found.inspection_id, port_code)
    scan = Scan.objects.prefetch_related("verdicts", "images").get(pk=scan_id)
    given = list(scan.verdicts.all())
    if inspection.state in CLOSED:
        raise Refused("inspection_closed", _("The inspection of this truck is closed."))
    if any(verdict.given_by == str(by) for verdict in given):
        raise Refused(
            "own_verdict", _("You have read this scan. Another person takes the second look.")
        )
    if any(verdict.final for verdict in given) or look != len(given) + 1:
        raise Refused("read_meanwhile", _("Somebody else has read this scan meanwhile."))
    if any(image.received_at is None for image in scan.images.all()):
        raise Refused("image_missing", _("A picture of this scan has not arrived yet."))
    threshold = policy_in_force(port_code).second_look_score
    final = look == 2 or word != Verdict.Word.CLEAR or not needs_second_look(scan, threshold)
    verdict = Verdict.objects.create(
        scan=scan,
        look=look,
        word=word,
        reason=reason,
        final=final,
        given_by=str(by),
        given_at=at,
    )
    record("scan.judged", inspection, by, scan=str(scan_id), word=word, look=look, final=final)
    if final and word == Verdict.Word.HOLD and INSPECTION["hold"].allowed_from(inspection.state):
        hold(inspection_id=inspection.pk, port_code=port_code, note=reason, by=by, at=at)
    return verdict
