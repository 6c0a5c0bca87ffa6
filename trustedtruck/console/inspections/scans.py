"""The page where a scan is read: picture, manifest, earlier scans, verdict."""

import uuid
from pathlib import Path

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lanes.inspections.models import ScanImage, Verdict
from lanes.inspections.queries.scans import earlier_of, scan_of
from lanes.inspections.services.verdicts import judge_scan, needs_second_look
from lanes.inspections.storage import path_of, preview_of
from lanes.queries import policy_in_force
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.dossier import trip_of
from trustedtruck.console.inspections.scope import seen_by
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out


class VerdictForm(ServiceForm):
    """`look` is which look the page was made for, so that nobody reads past another."""

    look = forms.IntegerField(widget=forms.HiddenInput)
    word = forms.ChoiceField(
        label=gettext_lazy("Verdict"), choices=Verdict.Word.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("What you see"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_http_methods(["GET", "POST"])
@never_cache
@officer_page(Permission.JOINT_READ, post=Permission.SCAN_JUDGE)
def scan(request: HttpRequest, officer: User, code: str, scan_id: uuid.UUID) -> HttpResponse:
    mine = seen_by(officer, code, "inspection")
    found = scan_of(code, scan_id, only=mine)
    if found is None:
        raise Http404
    verdicts = list(found.verdicts.all())
    form = VerdictForm(request.POST or None, initial={"look": len(verdicts) + 1})
    given = carried_out(
        request,
        form,
        lambda: judge_scan(
            scan_id=scan_id,
            port_code=code,
            by=officer.actor,
            at=timezone.now(),
            **form.cleaned_data,
        ),
        lambda given: _("Your verdict is final.") if given.final else _("A second look is needed."),
    )
    if given is not None:
        return redirect("console:inspection", code, found.inspection_id)
    own = any(verdict.given_by == str(officer.actor) for verdict in verdicts)
    open_ = not any(verdict.final for verdict in verdicts)
    arrival = found.inspection.assignment.arrival
    context = {
        "scan": found,
        "arrival": arrival,
        "images": [
            (image, [mark for mark in found.marks if mark.get("image", 1) == image.position])
            for image in found.images.all()
        ],
        "verdicts": verdicts,
        "second": needs_second_look(found, policy_in_force(code).second_look_score),
        "may_judge": open_ and not own and found.inspection.closed_at is None,
        "mine": own and open_,
        "trip": trip_of(found.inspection.assignment.facts.get("trip")),
        "earlier": earlier_of(found, only=mine),
        "form": form,
    }
    return show(
        request,
        officer,
        "console/inspections/scan.html",
        context,
        port=port_or_404(code),
    )


@require_safe
@cache_control(private=True, max_age=3600)
@officer_page(Permission.JOINT_READ)
def image(
    request: HttpRequest, officer: User, code: str, scan_id: uuid.UUID, position: int
) -> HttpResponseBase:
    """The picture as browsers show it; with `?original` the scanner's own file, to keep."""
    rows = ScanImage.objects.filter(
        seen_by(officer, code, "scan__inspection"), scan__port=code, received_at__isnull=False
    )
    found = get_object_or_404(rows, scan=scan_id, position=position)
    if "original" in request.GET:
        name = f"{scan_id}-{position}.{found.media_type.rpartition('/')[2]}"
        return _file(path_of(found.sha256), found.media_type, attachment=name)
    return _file(preview_of(found.sha256), "image/jpeg")


def _file(path: Path, media_type: str, *, attachment: str = "") -> HttpResponseBase:
    try:
        file = path.open("rb")
    except OSError:
        raise Http404 from None
    return FileResponse(
        file, content_type=media_type, as_attachment=bool(attachment), filename=attachment
    )
