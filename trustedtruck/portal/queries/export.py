"""All that a carrier has entered, as CSV files that the import reads again."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from trustedtruck.carriers.imports.reading import heading
from trustedtruck.carriers.models import (
    Answer,
    Carrier,
    Document,
    Driver,
    Evidence,
    Insurance,
    Profile,
    Trailer,
    Truck,
)
from trustedtruck.carriers.services import documents
from trustedtruck.carriers.services.evidence import path_of
from trustedtruck.carriers.services.profile import PROFILE_FIELDS
from trustedtruck.core.spreadsheets import harmless

_PROFILE = ("trade_name", "tax_country", "tax_id", *PROFILE_FIELDS)
_COMPANY = ("legal_name", "country", "kind", "scac", "usdot", "rfc", "caat")


def export_zip(carrier: Carrier) -> BinaryIO:
    """A zip of tables, evidence and documents; nothing that others wrote about the carrier.

    On the disk, from its beginning: the files of twelve categories may be gigabytes.
    """
    out = TemporaryFile()  # noqa: SIM115 - its reader closes it
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, head, rows in _tables(carrier):
            archive.writestr(f"{name}.csv", _csv(head, rows))
        for evidence in Evidence.objects.filter(application__carrier=carrier):
            name = f"evidence/{evidence.criterion}/{evidence.public_id}-{evidence.name}"
            archive.write(path_of(evidence), name)
        for paper in Document.objects.filter(carrier=carrier).exclude(file_sha256=""):
            name = f"documents/{paper.kind}/{paper.public_id}-{paper.file_name}"
            archive.write(documents.path_of(paper), name)
    out.seek(0)
    return cast(BinaryIO, out)


def _tables(carrier: Carrier) -> Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
    yield "company", _COMPANY, Carrier.objects.filter(pk=carrier.pk).values_list(*_COMPANY)
    yield "profile", _PROFILE, Profile.objects.filter(carrier=carrier).values_list(*_PROFILE)
    for name, model in (("trucks", Truck), ("trailers", Trailer), ("drivers", Driver)):
        head = heading(name)
        living = model._default_manager.filter(carrier=carrier, retired_at__isnull=True)
        yield name, head, living.order_by("pk").values_list(*head)
    papers = ("kind", "number", "expires_date", "truck__number", "trailer__number", "driver_id")
    yield "documents", papers, Document.objects.filter(carrier=carrier).values_list(*papers)
    policies = ("insurer", "policy_number", "liability_usd", "starts_date", "expires_date")
    yield "insurance", policies, Insurance.objects.filter(carrier=carrier).values_list(*policies)
    answers = ("application__opened_at", "criterion", "status", "text", "changed_at")
    found = Answer.objects.filter(application__carrier=carrier).order_by("application", "pk")
    yield "answers", answers, found.values_list(*answers)


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()
