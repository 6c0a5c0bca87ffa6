"""Officers and what each may do."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lanes.models import Port
from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.officers import Duties, add_officer, block_officer, change_officer
from trustedtruck.accounts.roles import Permission, Role
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out


class DutiesForm(ServiceForm):
    agency = forms.ModelChoiceField(
        label=gettext_lazy("Agency"), queryset=Agency.objects.order_by("code")
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    ports = forms.MultipleChoiceField(
        label=gettext_lazy("Ports"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["ports"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(port.code, str(port)) for port in Port.objects.order_by("code")]

    def duties(self) -> Duties:
        values = self.cleaned_data
        return Duties(agency=values["agency"], roles=values["roles"], ports=values["ports"])


class OfficerForm(DutiesForm):
    username = forms.RegexField(
        r"^[\w.@+-]{1,150}\Z", label=gettext_lazy("User name"), max_length=150
    )
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    first_name = forms.CharField(label=gettext_lazy("Given names"), max_length=150)
    last_name = forms.CharField(label=gettext_lazy("Family names"), max_length=150)
    field_order = ("username", "email", "first_name", "last_name")


class BlockForm(ServiceForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)


@require_safe
@officer_page(Permission.OFFICER_READ)
def officers(request: HttpRequest, officer: User) -> HttpResponse:
    rows = User.objects.exclude(roles=[]).order_by("-is_active", "username")
    people = [(user, _labels(user)) for user in rows]
    return show(request, officer, "console/officers.html", {"people": people})


def _labels(user: User) -> list[str]:
    """The names of a person's roles."""
    return [str(Role(role).label) for role in user.roles if role in Role.values]


@require_http_methods(["GET", "POST"])
@officer_page(Permission.OFFICER_WRITE)
def add(request: HttpRequest, officer: User) -> HttpResponse:
    form = OfficerForm(request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: add_officer(
            **{name: form.cleaned_data[name] for name in OfficerForm.field_order},
            duties=form.duties(),
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The officer can set a password with “Forgot password” now."),
    )
    if made is not None:
        return redirect("console:officers")
    return show(request, officer, "console/officer_add.html", {"form": form})


@require_http_methods(["GET", "POST"])
@officer_page(Permission.OFFICER_READ, post=Permission.OFFICER_WRITE)
def officer(request: HttpRequest, officer: User, user_id: int) -> HttpResponse:
    found = _found(user_id)
    form = DutiesForm(request.POST or None, initial=_duties(found))
    done = carried_out(
        request,
        form,
        lambda: change_officer(
            user=found, duties=form.duties(), by=officer.actor, at=timezone.now()
        ),
        _("The officer’s duties are changed."),
    )
    if done is not None:
        return redirect("console:officers")
    return _officer(request, officer, found, form, BlockForm(auto_id="block_%s"))


def _found(user_id: int) -> User:
    return get_object_or_404(User.objects.exclude(roles=[]), pk=user_id)


def _duties(found: User) -> dict[str, object]:
    return {"agency": found.agency_id, "roles": found.roles, "ports": found.ports}


def _officer(
    request: HttpRequest, officer: User, found: User, form: DutiesForm, block_form: BlockForm
) -> HttpResponse:
    context = {
        "person": found,
        "roles": _labels(found),
        "form": form,
        "block_form": block_form,
    }
    return show(request, officer, "console/officer.html", context)


@require_POST
@officer_page(Permission.OFFICER_WRITE)
def block(request: HttpRequest, officer: User, user_id: int) -> HttpResponse:
    found = _found(user_id)
    form = BlockForm(request.POST, auto_id="block_%s")
    done = carried_out(
        request,
        form,
        lambda: block_officer(
            user=found, reason=form.cleaned_data["reason"], by=officer.actor, at=timezone.now()
        ),
        _("The officer is blocked."),
    )
    if done is not None:
        return redirect("console:officer", user_id)
    return _officer(request, officer, found, DutiesForm(initial=_duties(found)), form)
