"""Devices of a port and their keys: registered, shown once, revoked at once."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustedtruck.accounts import services
from trustedtruck.accounts.models import Device, MachineKey, User
from trustedtruck.accounts.roles import Permission, Scope
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import ports_of, show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out

# What a device at a port can be allowed; the rest is for partners and carriers. An office of the
# port files manifests for carriers that cannot, and certificates that it has seen.
DEVICE_SCOPES = (
    Scope.ARRIVALS_WRITE,
    Scope.PASSAGES_WRITE,
    Scope.LANES_READ,
    Scope.SCANS_WRITE,
    Scope.MANIFESTS_WRITE,
    Scope.CREDENTIALS_READ,
    Scope.EDGE_RUN,
)


class DeviceForm(ServiceForm):
    port_code = forms.ChoiceField(label=gettext_lazy("Port"))
    code = forms.RegexField(
        r"^[A-Za-z0-9_-]{1,32}\Z",
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Letters, digits and hyphens, such as gate-3."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)

    def __init__(self, officer: User, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["port_code"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(port.code, str(port)) for port in ports_of(officer)]

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        known = Device.objects.filter(port_code=values.get("port_code"), code=values.get("code"))
        if known.exists():
            self.add_error("code", _("There is a device with this code at this port."))
        return values


class KeyForm(ServiceForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("The key may"),
        choices=[(scope.value, scope.label) for scope in DEVICE_SCOPES],
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.ARRIVALS_WRITE, Scope.PASSAGES_WRITE, Scope.LANES_READ],
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until it ends"), min_value=1, max_value=730, initial=365
    )


class PublicKeyForm(KeyForm):
    public_key = forms.CharField(
        label=gettext_lazy("Public key (Ed25519)"),
        help_text=gettext_lazy(
            "Made by the device; its private part never leaves it. PEM, JWK, base64 or hexadecimal."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2_000,
    )
    overlap_hours = forms.IntegerField(
        label=gettext_lazy("Hours until the signing keys of before end"),
        help_text=gettext_lazy("Leave it empty to let them work on."),
        min_value=0,
        max_value=720,
        required=False,
    )
    field_order = ["public_key", "scopes", "days", "overlap_hours"]

    def overlap(self) -> timedelta | None:
        hours = self.cleaned_data["overlap_hours"]
        return None if hours is None else timedelta(hours=hours)


@require_safe
@officer_page(Permission.DEVICE_READ)
def devices(request: HttpRequest, officer: User) -> HttpResponse:
    now = timezone.now()
    working = Q(keys__revoked_at__isnull=True) & (
        Q(keys__expires_at__isnull=True) | Q(keys__expires_at__gt=now)
    )
    rows = Device.objects.filter(port_code__in=officer.ports).annotate(
        working_keys=Count("keys", filter=working & Q(revoked_at__isnull=True))
    )
    context = {"devices": rows.order_by("port_code", "revoked_at", "code")}
    return show(request, officer, "console/devices.html", context)


@require_http_methods(["GET", "POST"])
@officer_page(Permission.DEVICE_WRITE)
def register(request: HttpRequest, officer: User) -> HttpResponse:
    form = DeviceForm(officer, request.POST or None)
    made = carried_out(
        request,
        form,
        lambda: services.register_device(by=officer.actor, **form.cleaned_data),
        _("The device is registered. Give it a key."),
    )
    if made is not None:
        return redirect("console:device", made.pk)
    return show(request, officer, "console/device_add.html", {"form": form})


def _device(officer: User, device_id: int) -> Device:
    return get_object_or_404(Device, pk=device_id, port_code__in=officer.ports)


@require_safe
@officer_page(Permission.DEVICE_READ)
def device(request: HttpRequest, officer: User, device_id: int) -> HttpResponse:
    return _show(request, officer, _device(officer, device_id))


@never_cache
def _show(
    request: HttpRequest,
    officer: User,
    found: Device,
    form: KeyForm | None = None,
    public_form: PublicKeyForm | None = None,
    new_key: str = "",
) -> HttpResponse:
    keys = found.keys.order_by("revoked_at", "-created_at")
    context = {
        "device": found,
        "keys": [(key, [Scope(scope).label for scope in key.scopes]) for key in keys],
        "form": form or KeyForm(),
        "public_form": public_form or PublicKeyForm(prefix="signing"),
        "new_key": new_key,
        "now": timezone.now(),
    }
    return show(request, officer, "console/device.html", context)


@require_POST
@officer_page(Permission.DEVICE_WRITE)
def issue_key(request: HttpRequest, officer: User, device_id: int) -> HttpResponse:
    """The answer shows the key, for the only time."""
    found = _device(officer, device_id)
    form = KeyForm(request.POST)
    if not form.is_valid() or found.revoked_at is not None:
        return _show(request, officer, found, form)
    now = timezone.now()
    key = services.issue_key(
        scopes=form.cleaned_data["scopes"],
        by=officer.actor,
        at=now,
        device=found,
        expires_at=now + timedelta(days=form.cleaned_data["days"]),
    )
    return _show(request, officer, found, new_key=key)


@require_POST
@officer_page(Permission.DEVICE_WRITE)
def register_public_key(request: HttpRequest, officer: User, device_id: int) -> HttpResponse:
    found = _device(officer, device_id)
    form = PublicKeyForm(request.POST, prefix="signing")
    now = timezone.now()
    made = None
    if found.revoked_at is None:
        made = carried_out(
            request,
            form,
            lambda: services.register_public_key(
                device=found,
                public_key=form.cleaned_data["public_key"],
                scopes=form.cleaned_data["scopes"],
                by=officer.actor,
                at=now,
                expires_at=now + timedelta(days=form.cleaned_data["days"]),
                overlap=form.overlap(),
            ),
            lambda made: _("The device signs with key %(key)s from now on.") % {"key": made.prefix},
        )
    if made is None:
        return _show(request, officer, found, public_form=form)
    return redirect("console:device", device_id)


@require_POST
@officer_page(Permission.DEVICE_WRITE)
def revoke_device(request: HttpRequest, officer: User, device_id: int) -> HttpResponse:
    found = _device(officer, device_id)
    if found.revoked_at is None:
        services.revoke_device(device=found, by=officer.actor, at=timezone.now())
        messages.success(request, _("The device and all its keys are revoked."))
    return redirect("console:device", device_id)


@require_POST
@officer_page(Permission.DEVICE_WRITE)
def revoke_key(request: HttpRequest, officer: User, prefix: str) -> HttpResponse:
    key = get_object_or_404(MachineKey, prefix=prefix, device__port_code__in=officer.ports)
    if key.revoked_at is None:
        services.revoke_key(key=key, by=officer.actor, at=timezone.now())
        messages.success(request, _("The key is revoked."))
    return redirect("console:device", key.device_id)
