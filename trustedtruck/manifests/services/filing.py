"""Filing, amending and cancelling a trip and its shipments.

One transaction a message: either all of it is on file, with its version and its audit event, or
nothing is.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.manifests import checks
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.services import screening
from trustedtruck.manifests.services import shipments as stored_shipments
from trustedtruck.manifests.services.versions import WRONG, Outcome, put_on_trip


def carrier_of(filing: doc.Filing, *, own: Carrier | None) -> Carrier:
    """The carrier that files: a carrier's key files for itself only.

    Raises `Invalid` where the SCAC is another's or nobody's.
    """
    if own is not None:
        if filing.scac and filing.scac.upper() != own.scac:
            text = str(_("This key files for %(own)s only.") % {"own": own.scac})
            raise Invalid((FieldError("scac", "not_your_scac", text),), WRONG)
        return own
    found = Carrier.objects.filter(scac=filing.scac.upper()).first()
    if found is None:
        text = str(_("No carrier of this programme has this SCAC."))
        raise Invalid((FieldError("scac", "unknown_carrier", text),), WRONG)
    return found


def file_manifest(
    *,
    filing: doc.Filing,
    carrier: Carrier,
    source: str,
    by: Actor,
    at: dt.datetime,
    errors: tuple[FieldError, ...] = (),
    port_code: str = "",
) -> Outcome:
    """Check a filing and put it on file. `errors` are those its reader found already.

    With a `port_code`, a trip that is on file for another port does not exist.

    Raises `Invalid` with every error at once, or `Refused` where the trip's state forbids it
    (`trip_exists`, `transition_refused`, `control_number_reused`). The same filing again changes
    nothing and answers the same, with `repeated`.
    """
    result = checks.check(filing._replace(scac=carrier.scac), at=at)
    # What could not be read is not missing as well.
    known = {e.field for e in errors}
    errors += tuple(
        e for e in result.errors if not (known and any(p in known for p in _prefixes(e.field)))
    )
    if errors:
        raise Invalid(errors, WRONG)
    with transaction.atomic():
        if result.filing.trip_number:
            outcome = put_on_trip(result.filing, carrier, source, by, port_code)
            if outcome.trip is not None and not outcome.repeated:
                screening.screen(outcome.trip, by=by, at=at)
        else:
            numbers = stored_shipments.put(
                filing=result.filing, carrier=carrier, trip=None, first_position=0
            )
            audit.record(
                "shipments.filed",
                by=by,
                subject_kind="carrier",
                subject_id=carrier.pk,
                data={"control_numbers": numbers[:100], "count": len(numbers)},
            )
            outcome = Outcome(None, tuple(numbers), ())
    return outcome._replace(warnings=result.warnings)


def file_one(
    *,
    filing: doc.Filing,
    errors: tuple[FieldError, ...],
    carrier: Carrier | None,
    port_code: str,
    source: str,
    by: Actor,
    at: dt.datetime,
) -> Outcome:
    """File one filing for whoever sent it; a port's device files for trips of its port only."""
    port = filing.trip.port if filing.trip else filing.port
    if port_code and port and port != port_code:
        text = _("This key files for port %(port)s only.") % {"port": port_code}
        raise Invalid((*errors, FieldError("port", "not_your_port", str(text))), WRONG)
    return file_manifest(
        filing=filing,
        carrier=carrier_of(filing, own=carrier),
        source=source,
        by=by,
        at=at,
        errors=errors,
        port_code=port_code,
    )


def _prefixes(path: str) -> list[str]:
    """`a.1.b` -> `a`, `a.1`, `a.1.b`."""
    parts = path.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]
