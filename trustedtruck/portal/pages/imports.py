"""Import from files, and export of all that a carrier has entered."""

import csv
import io
import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from trustedtruck.carriers.imports import reading
from trustedtruck.carriers.imports.columns import COLUMNS
from trustedtruck.carriers.models import ImportJob
from trustedtruck.carriers.permissions import check_user_can_edit_fleet
from trustedtruck.carriers.services import imports
from trustedtruck.carriers.states import ImportState
from trustedtruck.pages.outcome import carried_out, tried
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.fleet import ImportForm
from trustedtruck.portal.pages.common import own, show
from trustedtruck.portal.queries.export import export_zip

PREVIEW = 20
SHOWN_ERRORS = 200
_AT_WORK = (ImportState.CHECKING, ImportState.IMPORTING)


def _kind(kind: str) -> ImportJob.Kind:
    try:
        return ImportJob.Kind(kind)
    except ValueError:
        raise Http404 from None


@member_page(needs=check_user_can_edit_fleet)
def upload(request: HttpRequest, member: Member, kind: str) -> HttpResponse:
    found = _kind(kind)
    form = ImportForm(request.POST or None, request.FILES or None)
    job = carried_out(
        request,
        form,
        lambda: imports.upload(
            carrier=member.carrier,
            kind=found.value,
            file_name=form.cleaned_data["file"].name,
            content=form.cleaned_data["file"].read(),
            by=member.actor,
            at=timezone.now(),
        ),
    )
    if job is not None:
        return redirect("portal:import", public_id=job.public_id)
    earlier = ImportJob.objects.filter(carrier=member.carrier).defer("rows", "errors")
    return show(
        request,
        member,
        "import_upload.html",
        form=form,
        kind=found,
        columns=COLUMNS[found.value],
        earlier=earlier.order_by("-uploaded_at")[:10],
    )


@require_safe
@member_page()
def template(request: HttpRequest, member: Member, kind: str) -> HttpResponse:
    """An empty CSV with the right heading and one example row."""
    found = _kind(kind)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(reading.heading(found.value))
    writer.writerow(reading.example(found.value))
    return HttpResponse(
        "\ufeff" + out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.value}.csv"'},
    )


@require_safe
@member_page()
def status(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    """How far an import is: progress, preview, or the errors row by row."""
    job = own(member, ImportJob.objects.all(), public_id=public_id)
    columns = COLUMNS[job.kind]
    labels = {column.name: column.label for column in columns}
    errors = [
        {
            **error,
            "words": _(error["text"]) % error["params"],
            "column": labels.get(error["field"], error["field"]),
        }
        for error in job.errors[:SHOWN_ERRORS]
    ]
    return show(
        request,
        member,
        "import.html",
        job=job,
        at_work=job.state in _AT_WORK,
        columns=[column.label for column in columns],
        preview=[[row.get(c.name, "") for c in columns] for row in job.rows[:PREVIEW]],
        errors=errors,
        more_errors=len(job.errors) - len(errors),
    )


@require_POST
@member_page(needs=check_user_can_edit_fleet)
def confirm(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    job = own(member, ImportJob.objects.all(), public_id=public_id)
    tried(request, lambda: imports.confirm(job=job, by=member.actor, at=timezone.now()))
    return redirect("portal:import", public_id=public_id)


@require_POST
@member_page(needs=check_user_can_edit_fleet)
def drop(request: HttpRequest, member: Member, public_id: uuid.UUID) -> HttpResponse:
    job = own(member, ImportJob.objects.all(), public_id=public_id)
    tried(
        request,
        lambda: imports.drop(job=job, by=member.actor, at=timezone.now()),
        _("The import is discarded."),
    )
    return redirect("portal:import-upload", kind=job.kind)


@require_safe
@member_page()
def export(request: HttpRequest, member: Member) -> FileResponse:
    """Everything that the carrier has entered, as CSV files in a zip."""
    name = f"{member.carrier.scac}-export.zip"
    return FileResponse(export_zip(member.carrier), as_attachment=True, filename=name)
