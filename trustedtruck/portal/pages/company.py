"""The company profile and its people."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from trustedtruck.carriers.models import Carrier, Invitation, Membership, Profile
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.carriers.permissions import (
    check_user_can_manage_company,
    check_user_can_manage_members,
)
from trustedtruck.carriers.services import enrolment, members
from trustedtruck.carriers.services.carrier import identity_mark
from trustedtruck.carriers.services.profile import save_profile
from trustedtruck.carriers.services.stale import Stale
from trustedtruck.core.errors import DomainError
from trustedtruck.identifiers import tax_id
from trustedtruck.pages.forms import ServiceForm, warnings_of
from trustedtruck.pages.outcome import carried_out, tried
from trustedtruck.portal.access import Member, member_page
from trustedtruck.portal.forms.company import (
    CorrectForm,
    IdentityForm,
    InviteForm,
    ProfileForm,
    RoleForm,
)
from trustedtruck.portal.pages.common import own, show
from trustedtruck.portal.queries import application as queries


@member_page(writes=check_user_can_manage_company)
def profile(request: HttpRequest, member: Member) -> HttpResponse:
    """Addresses, tax number, contacts."""
    saved = Profile.objects.filter(carrier=member.carrier).first()
    initial = {name: getattr(saved, name) for name in ProfileForm.base_fields} if saved else {}
    initial.setdefault("version", 0)
    form = ProfileForm(request.POST or None, initial=initial)
    stale = False
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            save_profile(
                carrier=member.carrier,
                values={k: str(v) for k, v in data.items() if k != "version"},
                version=data["version"],
                by=member.actor,
                at=timezone.now(),
            )
        except Stale as error:
            form.overwrite("version", saved.version if saved else 0)
            form.refuse(error)
            stale = True
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The company profile is saved."))
            for warning in warnings_of(tax_id.check(data["tax_id"], data["tax_country"])):
                messages.warning(request, f"{form.fields['tax_id'].label}: {warning}")
            return redirect("portal:company")
    names = [name for name in form.fields if name != "version"]
    differences = _differences(form, saved, names) if stale and saved else []
    application = queries.latest(member.carrier)
    return show(
        request,
        member,
        "company.html",
        form=form,
        differences=differences,
        correctable=application is not None
        and queries.is_with_carrier(application)
        and member.carrier.certified_at is None,
    )


@member_page(needs=check_user_can_manage_company)
def identity(request: HttpRequest, member: Member) -> HttpResponse:
    """Correct name and numbers, while the application is with the carrier."""
    application = queries.latest(member.carrier)
    if application is None:
        raise Http404
    carrier = member.carrier
    held = {name: getattr(carrier, name) for name in IdentityForm.base_fields}
    form = CorrectForm(request.POST or None, initial=held | {"seen": identity_mark(carrier)})
    stale = False
    if request.method == "POST" and form.is_valid():
        try:
            enrolment.correct_company(
                application=application,
                seen=form.cleaned_data["seen"],
                by=member.actor,
                at=timezone.now(),
                **form.identity(),
            )
        except Stale as error:
            carrier.refresh_from_db()
            form.overwrite("seen", identity_mark(carrier))
            form.refuse(error)
            stale = True
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            for warning in form.warnings():
                messages.warning(request, warning)
            return redirect("portal:company")
    differences = _differences(form, carrier, IdentityForm.base_fields) if stale else []
    return show(request, member, "identity.html", form=form, differences=differences)


def _differences(
    form: ServiceForm, saved: Profile | Carrier, names: Iterable[str]
) -> list[tuple[str, str]]:
    """What is saved now where it is not what was typed, by the field's label."""
    return [
        (str(form[name].label), str(getattr(saved, name) or "—"))
        for name in names
        if str(form[name].value() or "") != str(getattr(saved, name) or "")
    ]


@member_page(writes=check_user_can_manage_members)
def people(request: HttpRequest, member: Member) -> HttpResponse:
    """Members and open invitations; a POST invites."""
    at = timezone.now()
    form = InviteForm(request.POST or None)
    sent = carried_out(
        request,
        form,
        lambda: members.invite(
            carrier=member.carrier,
            email=form.cleaned_data["email"],
            role=form.cleaned_data["role"],
            language=get_language() or "en",
            by=member.actor,
            at=at,
        ),
        _("The invitation is on its way."),
    )
    if sent is not None:
        return redirect("portal:people")
    rows = Membership.objects.filter(carrier=member.carrier).select_related("user")
    invitations = Invitation.objects.filter(
        carrier=member.carrier,
        accepted_at__isnull=True,
        withdrawn_at__isnull=True,
        expires_at__gt=at,
    )
    return show(
        request,
        member,
        "people.html",
        form=form,
        rows=rows.order_by("user__email"),
        invitations=invitations.order_by("email"),
        roles=MemberRole.choices,
    )


@require_POST
@member_page(needs=check_user_can_manage_members)
def change_role(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    target, form = own(member, Membership.objects.all(), pk=pk), RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    tried(
        request,
        lambda: members.change_role(
            member=target, role=form.cleaned_data["role"], by=member.actor, at=timezone.now()
        ),
        _("Saved."),
    )
    return redirect("portal:people")


@require_POST
@member_page(needs=check_user_can_manage_members)
def remove(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    target = own(member, Membership.objects.all(), pk=pk)
    tried(
        request,
        lambda: members.remove_member(member=target, by=member.actor, at=timezone.now()),
        _("This person no longer belongs to your company."),
    )
    return redirect("portal:people")


@require_POST
@member_page(needs=check_user_can_manage_members)
def withdraw(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    target = own(member, Invitation.objects.all(), pk=pk)
    tried(
        request,
        lambda: members.withdraw_invitation(invitation=target, by=member.actor, at=timezone.now()),
        _("The invitation is withdrawn."),
    )
    return redirect("portal:people")
