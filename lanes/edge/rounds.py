"""One round of an edge: send the journal, then fetch the bundle."""

from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings

from lanes.edge.headquarters import OutOfReach, ask
from lanes.edge.services import apply, journal
from lanes.models import HeldBundle
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats.bundle import pinned_keys
from trustedtruck.credentials.keyset import KeySet

log = structlog.get_logger(__name__)


def pinned() -> KeySet:
    """The keys of headquarters that the operator saved. Raises OSError or ValueError."""
    return pinned_keys(Path(settings.EDGE_JWKS).read_bytes(), settings.EDGE_HEADQUARTERS)


def send_journal() -> int:
    """Tell headquarters all that it does not know; how many entries it took. Raises
    `OutOfReach`."""
    sent = 0
    while entries := journal.pending():
        answer = ask("/api/v1/edge/journal/", {"entries": entries})
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(entries):
            raise OutOfReach("the answer is not about these entries")
        struck = journal.settle(results=results)
        refused = [result for result in results if result.get("code")]
        for result in refused:
            log.error("journal_refused", arrival=result["arrival"], code=result["code"])
        sent += struck
        if not struck and not refused:
            break  # all of them grew meanwhile; the next round has them
    return sent


def fetch_bundle(*, at: datetime) -> HeldBundle:
    """Fetch and apply. Raises `OutOfReach` or `Refusal`; then what is held stays as it is."""
    held = HeldBundle.objects.filter(port_code=settings.EDGE_PORT).first()
    document = ask("/api/v1/edge/bundle/", {"have": held.parts if held else {}})
    return apply.apply_bundle(
        document=document, port_code=settings.EDGE_PORT, pinned=pinned(), at=at
    )


def go_round(*, at: datetime) -> bool:
    """Both, the journal first: a trip that has served here must not come back as open. Whether
    headquarters was reached and believed."""
    try:
        sent = send_journal()
        held = fetch_bundle(at=at)
    except OutOfReach as error:
        log.warning("headquarters_out_of_reach", error=str(error))
        return False
    except Refusal as refusal:
        log.error("bundle_refused", code=refusal.failure.code)
        return False
    log.info("edge_round", seq=held.seq, sent=sent)
    return True
