"""The sheet of an exam: typed on a tablet, kept while it is typed, signed, approved."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lanes.inspections.models import Exam, Finding, JointInspection, Photo, SealChange
from lanes.inspections.services import exams, sheets
from lanes.inspections.sheet import FINDINGS, POINTS, SEALS, plain
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.inspections.cases import NoteForm, show_inspection
from trustedtruck.console.inspections.joint_part import may_examine
from trustedtruck.console.inspections.scope import inspection_or_404, seen_by
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.core.errors import DomainError
from trustedtruck.core.problems import problem
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out


@dataclass
class Row:
    """One line of a sheet; `values` and `errors` are by the part's name, `by` is an agency."""

    name: str
    label: Any = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    by: str = ""


@require_POST
@officer_page(Permission.JOINT_EXAMINE)
def open_exam(
    request: HttpRequest, officer: User, code: str, inspection_id: uuid.UUID, kind: str
) -> HttpResponse:
    inspection_or_404(officer, code, inspection_id)
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
@officer_page(Permission.JOINT_READ, post=Permission.JOINT_EXAMINE)
def exam(request: HttpRequest, officer: User, code: str, exam_id: int) -> HttpResponse:
    """The sheet. What is sent is kept first, then signed where that was asked: nothing is lost."""
    found = _exam(officer, code, exam_id)
    if request.method != "POST":
        return _show(request, officer, code, found)
    what: dict[str, Any] = {"exam_id": exam_id, "port_code": code}
    what |= {"by": officer.actor, "at": timezone.now()}
    mine = what | {"agency": officer.agency}
    sent = {name: str(value) for name, value in request.POST.items()}
    version = _version(sent)
    try:
        kept = sheets.save_draft(**mine, draft=sent, version=version)
        for name in request.FILES:
            for file in request.FILES.getlist(name):
                point = name.removeprefix("photo_")
                sheets.add_photo(**what, point=point, content=file.read())
        if sent.get("do") != "sign":
            messages.success(request, _("The exam is kept."))
            return redirect("console:exam", code, exam_id)
        exams.submit_exam(**mine, version=kept.version)
    except DomainError as refusal:
        now = _exam(officer, code, exam_id)
        return _show(request, officer, code, now, sent=sent, refusal=refusal)
    messages.success(
        request,
        _("The exam is signed. An officer of the other agency approves it.")
        if _agencies(found)
        else _("The exam is signed. Another inspector approves it."),
    )
    return redirect("console:inspection", code, found.inspection_id)


def _version(sent: dict[str, str]) -> int:
    """The version that the tablet has seen; 0, which is never the kept one, where it is none."""
    text = sent.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@require_POST
@officer_page(Permission.JOINT_EXAMINE)
def draft(request: HttpRequest, officer: User, code: str, exam_id: int) -> JsonResponse:
    """What the tablet saves by itself while one types: of the fields that it names as touched.

    The answer is the new version, and what others have entered since the tablet's own.
    """
    found = _exam(officer, code, exam_id)
    sent = {name: str(value) for name, value in request.POST.items()}
    version = _version(sent)
    touched = request.POST.getlist("touched") if "touched" in request.POST else None
    try:
        kept = sheets.save_draft(
            exam_id=exam_id,
            port_code=code,
            draft=sent,
            version=version,
            touched=touched,
            agency=officer.agency,
            by=officer.actor,
            at=timezone.now(),
        )
    except DomainError as refusal:
        return _refused(refusal)
    names = _agencies(found)
    others = {
        name: {"value": entry["value"], "by": names.get(entry["agency"], "")}
        for name, entry in sheets.since(kept, version).items()
        if name not in (touched or sent)
    }
    return JsonResponse({"version": kept.version, "others": others})


@require_POST
@officer_page(Permission.JOINT_EXAMINE)
def add_photo(request: HttpRequest, officer: User, code: str, exam_id: int) -> JsonResponse:
    """A photo that the tablet had kept; sent again it is the same one."""
    _exam(officer, code, exam_id)
    file = request.FILES.get("photo")
    try:
        made = sheets.add_photo(
            exam_id=exam_id,
            port_code=code,
            point=request.POST.get("point", ""),
            content=file.read() if file else b"",
            by=officer.actor,
            at=timezone.now(),
        )
    except DomainError as refusal:
        return _refused(refusal)
    return JsonResponse({"id": made.pk, "url": reverse("console:photo", args=[code, made.pk])})


def _refused(refusal: DomainError) -> JsonResponse:
    body = problem(refusal.status, refusal.code, refusal.text, refusal.errors, **refusal.extra)
    return JsonResponse(body, status=refusal.status)


@require_POST
@officer_page(Permission.EXAM_APPROVE)
def approve(request: HttpRequest, officer: User, code: str, exam_id: int) -> HttpResponse:
    """The second signature, or back with a note."""
    found = _exam(officer, code, exam_id)
    form = NoteForm(request.POST)
    what: dict[str, Any] = {"exam_id": exam_id, "port_code": code}
    what |= {"by": officer.actor, "at": timezone.now()}
    back = request.POST.get("do") == "back"
    done = carried_out(
        request,
        form,
        lambda: (
            exams.send_back_exam(**what, note=form.cleaned_data["note"])
            if back
            else exams.approve_exam(**what, agency=officer.agency)
        ),
        _("The exam is sent back.") if back else _("The exam is approved."),
    )
    if done is not None:
        return redirect("console:inspection", code, found.inspection_id)
    return _show(request, officer, code, found, note_form=form)


@require_safe
@cache_control(private=True, max_age=3600)
@officer_page(Permission.JOINT_READ)
def photo(request: HttpRequest, officer: User, code: str, photo_id: int) -> HttpResponseBase:
    rows = Photo.objects.filter(seen_by(officer, code, "exam__inspection"))
    found = get_object_or_404(rows, pk=photo_id, exam__inspection__port=code)
    try:
        file = sheets.photo_path(found.sha256).open("rb")
    except OSError:
        raise Http404 from None
    return FileResponse(file, content_type=found.media_type)


def _exam(officer: User, code: str, exam_id: int) -> Exam:
    rows = Exam.objects.select_related("inspection__assignment__arrival")
    mine = seen_by(officer, code, "inspection")
    return get_object_or_404(rows.filter(mine), pk=exam_id, inspection__port=code)


def _agencies(found: Exam) -> dict[str, str]:
    """The names of both agencies of a joint inspection by code; of any other one none."""
    joint = JointInspection.objects.filter(inspection=found.inspection_id)
    both = joint.select_related("agency_a", "agency_b").first()
    return {a.pk: a.name for a in (both.agency_a, both.agency_b)} if both else {}


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
    if changed:
        # What others have entered meanwhile stays, where nothing else was typed.
        values = found.draft | values
    by = _entered_by(found)
    context = {
        "exam": found,
        "arrival": found.inspection.assignment.arrival,
        "points": _points(found, values, wrong, by),
        "findings": _rows("finding", FINDINGS, values, wrong, by),
        "seals": _rows("seal", SEALS, values, wrong),
        "categories": Finding.Category.choices,
        "grades": SealChange.Grade.choices,
        "note": values.get("note", ""),
        "note_errors": wrong.get("note", []),
        "refused": refusal,
        "faults": _faults(refusal),
        # After a conflict the officer decides on the version that is kept now.
        "changed": changed,
        "joint": by is not None,
        "may_examine": may_examine(officer, found.inspection),
        "mine": found.submitted_by == str(officer.actor),
        "note_form": note_form or NoteForm(),
    }
    return show(
        request,
        officer,
        "console/inspections/exam.html",
        context,
        port=port_or_404(code),
        status=400 if refusal else None,
    )


def _faults(refusal: DomainError | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """What is wrong, each said once, with the places on the sheet where it is so."""
    found: dict[str, list[tuple[str, str]]] = {}
    for error in refusal.errors if refusal else ():
        found.setdefault(str(error.text), []).append(_place(error.field))
    return list(found.items())


def _place(field: str) -> tuple[str, str]:
    """The anchor and the name of the part of the sheet that a field stands in."""
    kind, _line, rest = field.partition("_")
    number = rest.partition("_")[0]
    if rest in POINTS:
        return f"point-{rest}", str(POINTS[rest])
    if kind == "finding":
        return f"finding_{number}", _("Finding %(n)s") % {"n": number}
    if kind == "seal":
        return f"seal_{number}", _("Seal %(n)s") % {"n": number}
    return "exam-note", _("Remarks")


def _entered_by(found: Exam) -> dict[str, str] | None:
    """In a joint inspection: which agency entered each field; else None."""
    names = _agencies(found)
    if not names:
        return None
    return {field: names.get(entry["agency"], "") for field, entry in found.entries.items()}


def _points(
    found: Exam, values: dict[str, str], wrong: dict[str, list[str]], by: dict[str, str] | None
) -> list[Row]:
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
            (by or {}).get(f"result_{point}", ""),
        )
        for point, label in POINTS.items()
    ]


def _rows(
    stem: str,
    count: int,
    values: dict[str, str],
    wrong: dict[str, list[str]],
    by: dict[str, str] | None = None,
) -> list[Row]:
    found = []
    for number in range(1, count + 1):
        prefix = f"{stem}_{number}_"
        own = {n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)}
        errors = [text for n, texts in wrong.items() if n.startswith(prefix) for text in texts]
        agency = (by or {}).get(f"{prefix}category", "")
        found.append(Row(f"{stem}_{number}", number, own, errors, by=agency))
    return found
