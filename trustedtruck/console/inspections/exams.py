"""The sheet of an exam: typed on a tablet, kept while it is typed, signed, approved."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lanes.inspections.models import Exam, Finding, Photo
from lanes.inspections.services import exams
from lanes.inspections.sheet import FINDINGS, POINTS, SEALS, plain
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.inspections.cases import NoteForm, show_inspection
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.core.errors import DomainError
from trustedtruck.core.problems import problem
from trustedtruck.portal.forms.base import ServiceForm


@dataclass
class Row:
    """One line of a sheet; `values` and `errors` are by the part's name."""

    name: str
    label: Any = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)


@require_POST
@officer_page(Permission.INSPECTION_WRITE)
def open_exam(
    request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID, kind: str
) -> HttpResponse:
    form = ServiceForm({})
    form.is_valid()
    made = form.attempt(
        lambda: exams.open_exam(
            inspection_id=inspection_id,
            port_code=code,
            kind=kind,
            by=officer.actor,
            at=timezone.now(),
        )
    )
    if made is None:
        return show_inspection(request, officer, code, inspection_id, exam=form)
    return redirect("console:exam", code, made.pk)


@require_http_methods(["GET", "POST"])
@never_cache
@officer_page(Permission.INSPECTION_READ, post=Permission.INSPECTION_WRITE)
def exam(request: HttpRequest, officer: User, code: str, exam_id: int) -> HttpResponse:
    """The sheet. What is sent is kept first, then signed where that was asked: nothing is lost."""
    found = _exam(code, exam_id)
    if request.method != "POST":
        return _show(request, officer, code, found)
    what: dict[str, Any] = {"exam_id": exam_id, "port_code": code}
    what |= {"by": officer.actor, "at": timezone.now()}
    sent = {name: str(value) for name, value in request.POST.items()}
    version = int(sent["version"]) if sent.get("version", "").isdecimal() else 0
    try:
        kept = exams.save_draft(**what, draft=sent, version=version)
        for name in request.FILES:
            for file in request.FILES.getlist(name):
                point = name.removeprefix("photo_")
                exams.add_photo(**what, point=point, content=file.read())
        if sent.get("do") != "sign":
            messages.success(request, _("The exam is kept."))
            return redirect("console:exam", code, exam_id)
        exams.submit_exam(**what, version=kept.version)
    except DomainError as refusal:
        return _show(request, officer, code, _exam(code, exam_id), sent=sent, refusal=refusal)
    messages.success(request, _("The exam is signed. Another inspector approves it."))
    return redirect("console:inspection", code, found.inspection_id)


@require_POST
@officer_page(Permission.INSPECTION_WRITE)
def draft(request: HttpRequest, officer: User, code: str, exam_id: int) -> JsonResponse:
    """What the tablet saves by itself while one types; the answer is the new version."""
    _exam(code, exam_id)
    sent = {name: str(value) for name, value in request.POST.items()}
    version = int(sent["version"]) if sent.get("version", "").isdecimal() else 0
    try:
        kept = exams.save_draft(
            exam_id=exam_id,
            port_code=code,
            draft=sent,
            version=version,
            by=officer.actor,
            at=timezone.now(),
        )
    except DomainError as refusal:
        body = problem(refusal.status, refusal.code, refusal.text, refusal.errors, **refusal.extra)
        return JsonResponse(body, status=refusal.status)
    return JsonResponse({"version": kept.version})


@require_POST
@officer_page(Permission.EXAM_APPROVE)
def approve(request: HttpRequest, officer: User, code: str, exam_id: int) -> HttpResponse:
    """The second signature, or back with a note."""
    found = _exam(code, exam_id)
    form = NoteForm(request.POST)
    what: dict[str, Any] = {"exam_id": exam_id, "port_code": code}
    what |= {"by": officer.actor, "at": timezone.now()}
    back = request.POST.get("do") == "back"
    if form.is_valid():
        done = form.attempt(
            lambda: (
                exams.send_back_exam(**what, note=form.cleaned_data["note"])
                if back
                else exams.approve_exam(**what)
            )
        )
        if done is not None:
            messages.success(
                request, _("The exam is sent back.") if back else _("The exam is approved.")
            )
            return redirect("console:inspection", code, found.inspection_id)
    return _show(request, officer, code, found, note_form=form)


@require_safe
@cache_control(private=True, max_age=3600)
@officer_page(Permission.INSPECTION_READ)
def photo(request: HttpRequest, officer: User, code: str, photo_id: int) -> HttpResponseBase:
    found = get_object_or_404(Photo, pk=photo_id, exam__inspection__port=code)
    try:
        file = exams.photo_path(found.sha256).open("rb")
    except OSError:
        raise Http404 from None
    return FileResponse(file, content_type=found.media_type)


def _exam(code: str, exam_id: int) -> Exam:
    rows = Exam.objects.select_related("inspection__assignment__arrival")
    return get_object_or_404(rows, pk=exam_id, inspection__port=code)


def _show(
    request: HttpRequest,
    officer: User,
    code: str,
    found: Exam,
    *,
    sent: dict[str, str] | None = None,
    refusal: DomainError | None = None,
    note_form: NoteForm | None = None,
) -> HttpResponse:
    """`sent` is what was typed and refused; it is shown again as it was."""
    values = found.draft if sent is None else plain(found.kind, sent)
    wrong: dict[str, list[str]] = {}
    for error in refusal.errors if refusal else ():
        wrong.setdefault(error.field, []).append(str(error.text))
    changed = refusal is not None and refusal.code == "draft_changed"
    context = {
        "exam": found,
        "arrival": found.inspection.assignment.arrival,
        "points": _points(found, values, wrong),
        "findings": _rows("finding", FINDINGS, values, wrong),
        "seals": _rows("seal", SEALS, values, wrong),
        "categories": Finding.Category.choices,
        "note": values.get("note", ""),
        "note_errors": wrong.get("note", []),
        "refused": refusal,
        # After a conflict the officer decides on the version that is kept now.
        "changed": changed,
        "mine": found.submitted_by == str(officer.actor),
        "note_form": note_form or NoteForm(),
        "kept": found.points.select_related("photo").order_by("pk"),
        "labels": POINTS,
    }
    status = 400 if refusal or (note_form and note_form.errors) else 200
    return show(
        request,
        officer,
        "console/inspections/exam.html",
        context,
        port=port_or_404(code),
        status=status,
    )


def _points(found: Exam, values: dict[str, str], wrong: dict[str, list[str]]) -> list[Row]:
    photos: dict[str, list[Photo]] = {}
    for one in found.photos.order_by("pk"):
        photos.setdefault(one.point, []).append(one)
    return [
        Row(
            point,
            label,
            {part: values.get(f"{part}_{point}", "") for part in ("result", "note")},
            [
                text
                for part in ("result", "note", "photo")
                for text in wrong.get(f"{part}_{point}", [])
            ],
            photos.get(point, []),
        )
        for point, label in POINTS.items()
    ]


def _rows(stem: str, count: int, values: dict[str, str], wrong: dict[str, list[str]]) -> list[Row]:
    found = []
    for number in range(1, count + 1):
        prefix = f"{stem}_{number}_"
        own = {n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)}
        errors = [text for n, texts in wrong.items() if n.startswith(prefix) for text in texts]
        found.append(Row(f"{stem}_{number}", number, own, errors))
    return found
