"""A carrier's pages about its manifests, for the portal to call with the desk of a member.

Each page takes the request and a `Desk`; what it may see begins from the desk's carrier.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.accounts.people import names_of
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.core.errors import DomainError, NotFound
from trustedtruck.core.page_status import status_of
from trustedtruck.manifests import cover_sheet, hs_table, tasks
from trustedtruck.manifests.forms import ManifestForm, UploadForm
from trustedtruck.manifests.models import Certificate, Submission, Trip, Version
from trustedtruck.manifests.queries.trips import may_read_reply, replies_about, visible_trip
from trustedtruck.manifests.services import intake
from trustedtruck.manifests.services.formats import MAX_BODY
from trustedtruck.manifests.states import OPEN

PAGE = 25


@dataclass(frozen=True)
class Desk:
    """Where a page is shown: whose it is, who acts, the template around it, the URL namespace.

    `ports` are those that a manifest can name: code and name. `may_file` shows the ways to file
    and cancel; the portal refuses them to others. `names` stands before the pages' URL names:
    `portal:` gives `portal:trips`.
    """

    carrier: Carrier
    actor: Actor
    base: str = "base.html"
    names: str = ""
    may_file: bool = True
    ports: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sender(self) -> intake.Sender:
        return intake.Sender(self.actor, carrier=self.carrier)

    def show(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        names = {
            name.replace("-", "_"): f"{self.names}{name}"
            for name in ("trips", "trip", "trip-new", "trip-upload", "trip-cancel", "trip-cover",
                         "trip-message", "certificate")
        }  # fmt: skip
        around = {
            "base": self.base,
            "names": names,
            "carrier": self.carrier,
            "may_file": self.may_file,
            **self.context,
        }
        status = context.pop("status", None) or status_of(context)
        return render(request, f"manifests/{template}", around | context, status=status)


@require_safe
def trips(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The carrier's trips, the last changed first."""
    found = Trip.objects.filter(carrier=desk.carrier).order_by("-changed_at")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return desk.show(request, "trips.html", page=page)


@require_safe
def trip(request: HttpRequest, desk: Desk, trip_number: str) -> HttpResponse:
    """One trip with its state, its versions, and every reply about it."""
    try:
        found = visible_trip(trip_number, carrier=desk.carrier)
    except NotFound as refusal:
        return _refused(request, desk, refusal)
    shipments = found.shipments.prefetch_related("parties", "commodities")
    return desk.show(
        request,
        "trip.html",
        trip=found,
        open=found.state in OPEN,
        equipment=found.equipment.prefetch_related("seals"),
        crew=found.crew.all(),
        shipments=[
            (s, [(c, hs_table.describe(c.hs_code)) for c in s.commodities.all()])
            for s in shipments[:500]
        ],
        port=" ".join([found.port_code, desk.ports.get(found.port_code, "")]).strip(),
        versions=_with_filers(found.versions.defer("document")),
        replies=replies_about(found),
    )


def _with_filers(versions: Iterable[Version]) -> list[tuple[Version, str]]:
    """Each version with the name of the person who filed it; a system's own stays unnamed."""
    found = list(versions)
    people = names_of(version.filed_by for version in found)
    return [(version, people.get(version.filed_by, "")) for version in found]


def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Enter a manifest by hand."""
    form = ManifestForm(request.POST or None, carrier=desk.carrier, ports=desk.ports)
    if request.method == "POST" and form.is_valid():
        body = json.dumps(form.body()).encode()
        row, _repeated = intake.file(
            kind=Submission.Kind.JSON, body=body, options={}, sender=desk.sender, at=timezone.now()
        )
        refusal = intake.work_off(row.pk, at=timezone.now())
        if refusal is None:
            row.refresh_from_db()
            messages.success(request, _("The manifest is on file."))
            return redirect(f"{desk.names}trip", trip_number=row.trip_number)
        form.add_refusals(refusal.errors)
        if not refusal.errors:
            form.add_error(None, str(refusal.text))
    return desk.show(request, "new.html", form=form)


def upload(request: HttpRequest, desk: Desk) -> HttpResponse:
    """File a manifest from a file; its reply has a page of its own."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        body: bytes = sent.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            form.add_error("file", _("The file is larger than 16 MB."))
        else:
            kind = kind_of(body)
            options = {"trip_number": form.cleaned_data["trip_number"], "scac": desk.carrier.scac}
            try:
                row, _repeated = intake.file(
                    kind=kind, body=body, options=options, sender=desk.sender, at=timezone.now()
                )
            except DomainError as refusal:
                form.add_error("file", str(refusal.text))
            else:
                if len(body) > intake.LARGE:
                    tasks.hint()
                else:
                    intake.work_off(row.pk, at=timezone.now())
                return redirect(f"{desk.names}trip-message", public_id=row.public_id)
    return desk.show(request, "upload.html", form=form)


def kind_of(body: bytes) -> str:
    """What a file is, by how it begins."""
    begin = body[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    if begin.startswith(b"ISA"):
        return Submission.Kind.X12
    return Submission.Kind.JSON if begin.startswith((b"{", b"[")) else Submission.Kind.CSV


@require_safe
def message(request: HttpRequest, desk: Desk, public_id: uuid.UUID) -> HttpResponse:
    """What became of one message: its result, its errors, its X12 replies."""
    row = Submission.objects.filter(public_id=public_id).first()
    if row is None or not _may_read(desk, row):
        unknown = NotFound("no_such_submission", _("There is no such message of yours."))
        return _refused(request, desk, unknown)
    return desk.show(request, "message.html", row=row, reply=row.reply.splitlines())


def _may_read(desk: Desk, row: Submission) -> bool:
    if row.carrier_id == desk.carrier.pk:
        return True
    trip = Trip.objects.filter(carrier=desk.carrier, trip_number=row.trip_number).first()
    return trip is not None and may_read_reply(row, trip)


@require_POST
def cancel(request: HttpRequest, desk: Desk, trip_number: str) -> HttpResponse:
    """Cancel a trip that has not arrived."""
    try:
        visible_trip(trip_number, carrier=desk.carrier)
    except NotFound as refusal:
        return _refused(request, desk, refusal)
    body = json.dumps({"purpose": "delete", "trip_number": trip_number}).encode()
    row, _repeated = intake.file(
        kind=Submission.Kind.JSON, body=body, options={}, sender=desk.sender, at=timezone.now()
    )
    forbidden = intake.work_off(row.pk, at=timezone.now())
    if forbidden is not None:
        return _refused(request, desk, forbidden)
    messages.success(request, _("The trip is cancelled."))
    return redirect(f"{desk.names}trip", trip_number=trip_number)


@require_safe
def cover(request: HttpRequest, desk: Desk, trip_number: str) -> HttpResponse:
    """The cover sheet as PDF."""
    try:
        found = visible_trip(trip_number, carrier=desk.carrier)
    except NotFound as refusal:
        return _refused(request, desk, refusal)
    return HttpResponse(
        cover_sheet.render(found),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{found.trip_number}.pdf"'},
    )


@require_safe
def certificate(request: HttpRequest, desk: Desk, public_id: uuid.UUID) -> HttpResponse:
    """A plant-health certificate that the carrier filed, or that names it on one of its trips."""
    found = Certificate.objects.filter(public_id=public_id).first()
    if found is None or not _may_see(desk, found):
        unknown = NotFound("no_such_certificate", _("There is no such certificate on file."))
        return _refused(request, desk, unknown)
    return desk.show(
        request,
        "certificate.html",
        certificate=found,
        lines=[(line, hs_table.describe(line.hs_code)) for line in found.lines.all()[:500]],
        seals=found.seals.all(),
        messages_received=found.messages.defer("body"),
    )


def _may_see(desk: Desk, found: Certificate) -> bool:
    if found.messages.filter(received_from=f"carrier:{desk.carrier.pk}").exists():
        return True
    numbers = found.seals.values_list("number", flat=True)
    return Trip.objects.filter(carrier=desk.carrier, seals__number__in=numbers).exists()


def _refused(request: HttpRequest, desk: Desk, refusal: DomainError) -> HttpResponse:
    return desk.show(request, "refused.html", text=refusal.text, status=refusal.status)
