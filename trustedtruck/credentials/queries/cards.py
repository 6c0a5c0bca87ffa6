"""Cards and QR codes of credentials, one or a fleet's."""

import io
import zipfile
from collections.abc import Iterable

from django.utils.translation import gettext as _

from trustedtruck.carriers.models import Carrier
from trustedtruck.core.days import day
from trustedtruck.credentials.formats import images
from trustedtruck.credentials.formats.card import Card, pdf
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.states import CredentialState


def with_subjects(carrier: Carrier) -> Iterable[Credential]:
    """The active credentials of a carrier, with what they are about."""
    return (
        Credential.objects.select_related("carrier", "driver", "truck", "trailer")
        .filter(carrier=carrier, state=CredentialState.ACTIVE)
        .order_by("kind", "pk")
    )


def card_of(credential: Credential) -> Card:
    """The card in the language that is active."""
    subject = credential.truck or credential.driver or credential.trailer
    lines = [(_("Carrier"), f"{credential.carrier.legal_name} ({credential.carrier.scac})")]
    if credential.plate_number:
        plate = f"{credential.plate_number} {credential.plate_jurisdiction}"
        lines.append((_("Plate"), plate))
    if credential.truck is not None:
        lines.append((_("VIN"), credential.truck.vin))
    if credential.driver is not None and credential.driver.fast_card:
        lines.append((_("FAST card"), credential.driver.fast_card))
    lines.append((_("Valid until"), day(credential.valid_until)))
    return Card(
        programme="TrustedTruck",
        heading=credential.get_kind_display().capitalize(),
        title=str(subject) if subject is not None else credential.carrier.legal_name,
        lines=lines,
        number=str(credential.public_id),
        qr=credential.qr,
    )


def card_pdf(credential: Credential) -> bytes:
    return pdf([card_of(credential)])


def fleet_zip(carrier: Carrier) -> bytes:
    """All active credentials of a carrier: one PDF of all cards, and a PNG of each QR code.

    Empty of cards where there is none.
    """
    rows = list(with_subjects(carrier))
    out = io.BytesIO()
    # Stored: PDF and PNG are compressed already.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        if rows:
            archive.writestr("cards.pdf", pdf([card_of(row) for row in rows]))
        for row in rows:
            archive.writestr(f"qr/{_name(row)}.png", images.png(row.qr))
    return out.getvalue()


def _name(row: Credential) -> str:
    """By kind, number and credential; a driver has no number that may stand in a file's name."""
    vehicle = row.truck or row.trailer
    number = "".join(c for c in (vehicle.number if vehicle else "") if c.isascii() and c.isalnum())
    return "-".join(part for part in (row.kind, number, str(row.public_id)) if part)
