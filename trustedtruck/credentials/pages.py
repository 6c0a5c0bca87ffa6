"""The public verifier: paste, upload or film a credential, and read in plain words what holds."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from trustedtruck.core.days import moment
from trustedtruck.core.page_status import status_of
from trustedtruck.credentials.api.throttle import limited
from trustedtruck.credentials.formats import images
from trustedtruck.credentials.formats.images import NoPicture
from trustedtruck.credentials.formats.vc_jwt import LIMIT
from trustedtruck.credentials.queries.checks import Check, check_online
from trustedtruck.credentials.queries.keys import current_keys
from trustedtruck.credentials.states import Kind

PICTURE_TEXTS: dict[str, str | Promise] = {
    "picture_too_large": _("The picture is too large."),
    "picture_unreadable": _("This is not a picture that can be read (PNG, JPEG or WebP)."),
    "picture_without_code": _("There is no readable QR code in the picture."),
}


class VerifyForm(forms.Form):
    """A text or a picture; the picture wins where both are given."""

    credential = forms.CharField(
        label=_("Credential"),
        help_text=_("The text of a QR code (TT1:…), a vc+jwt, an SD-JWT, or a credential in JSON."),
        required=False,
        max_length=LIMIT * 2,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    picture = forms.FileField(
        label=_("Picture of a QR code"),
        help_text=_("A photograph or a screenshot."),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean(self) -> dict[str, object]:
        found = dict(super().clean() or self.cleaned_data)
        picture = found.get("picture")
        if picture is not None and not self.errors:
            try:
                found["credential"] = images.read(picture.read(images.MAX_UPLOAD + 1))
            except NoPicture as error:
                self.add_error("picture", str(PICTURE_TEXTS[str(error)]))
        elif not found.get("credential") and not self.errors:
            self.add_error("credential", _("Paste a credential, or choose a picture."))
        return found


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    return render(request, "credentials/verify.html", {"form": VerifyForm()})


@require_http_methods(["GET", "HEAD", "POST"])
def verify_posted(request: HttpRequest) -> HttpResponse:
    """The answer: the page again with it, or for the camera the answer alone.

    Asked for by its address, as by whoever changes the language then, it is the empty page.
    """
    if request.method != "POST":
        return redirect("verify")
    if limited(request):
        return render(request, "credentials/verify_busy.html", status=429)
    form = VerifyForm(request.POST, request.FILES)
    check = judged(form.cleaned_data["credential"]) if form.is_valid() else None
    context = {"form": form, **({"check": check, **described(check)} if check else {})}
    if request.headers.get("X-Camera") == "1":
        if check is None:
            return HttpResponse(status=204)
        return render(request, "credentials/verify_answer.html", context)
    return render(request, "credentials/verify.html", context, status=status_of(context))


def judged(text: str) -> Check:
    return check_online(text, at=timezone.now(), keys=current_keys())


def described(check: Check) -> dict[str, object]:
    """What holds and what does not, and what the credential says, for the template."""
    claims = check.claims
    steps = [
        (check.genuine, _("It was issued by the programme and has not been altered.")),
        (check.genuine and check.in_time, _("Today lies within its period.")),
        (check.genuine and check.in_force, _("It has been neither suspended nor revoked.")),
    ]
    plate = f"{claims.plate_number} {claims.plate_jurisdiction}".strip()
    names = [
        str(claims.details[name])
        for name in ("givenNames", "given_names", "familyNames", "family_names", "legalName")
        if name in claims.details
    ]
    facts = [
        (_("Kind"), Kind(claims.kind).label if claims.kind else ""),
        (_("Name"), " ".join(names)),
        (_("Plate"), plate),
        (_("Tag"), claims.tag_epc),
        (_("Valid from"), claims.valid_from and moment(claims.valid_from)),
        (_("Valid until"), claims.valid_until and moment(claims.valid_until)),
        (_("Issuer"), claims.issuer),
        (_("Credential"), claims.public_id),
    ]
    return {"steps": steps, "facts": [fact for fact in facts if fact[1]]}
