"""A port's policies: every version, what each says, drafted by one and approved by another."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lanes.models import Policy, ShadowRun
from lanes.queries import policy_in_force
from lanes.rules.policy import Policy as Rules
from lanes.rules.policy_diff import changes
from lanes.services.policies import approve_policy, draft_policy, withdraw_policy
from lanes.services.shadow import start_shadow, stop_shadow
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.forms import LABELS, LANE_POLICY_TEXTS, PolicyForm
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.core.errors import DomainError
from trustedtruck.portal.forms.base import ServiceForm


class ApproveForm(ServiceForm):
    effective_from = forms.DateTimeField(
        label=gettext_lazy("In force from (UTC)"),
        required=False,
        help_text=gettext_lazy("Empty: at once. For example 2026-03-01 06:00."),
    )


@require_safe
@officer_page(Permission.POLICY_READ)
def policies(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    rows = Policy.objects.filter(port=code).order_by("-version")
    context = {"policies": rows[:100], "in_force": policy_in_force(code).version}
    return show(request, officer, "console/policies.html", context, port=port_or_404(code))


@require_safe
@officer_page(Permission.POLICY_READ)
def policy(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    return _policy(request, officer, code, version, ApproveForm())


def _policy(
    request: HttpRequest, officer: User, code: str, version: int, form: ApproveForm
) -> HttpResponse:
    """What it says, what it would change, and how it does in shadow."""
    found = get_object_or_404(Policy, port=code, version=version)
    live = policy_in_force(code)
    run = ShadowRun.objects.filter(policy=found).order_by("-started_at").first()
    context = {
        "policy": found,
        "values": list(_told(found.body)),
        "changes": _changes(live, Rules.from_json(version, found.body)),
        "in_force": live.version,
        "run": run,
        "otherwise": run.differences.count() if run else 0,
        "mine": found.drafted_by == str(officer.actor),
        "form": form,
    }
    status = 400 if form.errors else 200
    return show(
        request, officer, "console/policy.html", context, port=port_or_404(code), status=status
    )


def _told(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Label and value in the order of the form, a choice in its words."""
    places = {name: place for place, name in enumerate(LABELS)}
    for name in sorted(body, key=lambda name: places.get(name, len(places))):
        value = body[name]
        told = LANE_POLICY_TEXTS.get(value, value) if name == "lane_policy" else value
        yield str(LABELS.get(name, name)), told


def _changes(live: Rules, other: Rules) -> list[str]:
    return [_(finding.text) % finding.params for finding in changes(live, other)]


@require_http_methods(["GET", "POST"])
@officer_page(Permission.POLICY_DRAFT)
def draft(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """A new version, begun from the one in force."""
    port = port_or_404(code)
    form = PolicyForm(request.POST or None, begin=policy_in_force(code))
    if request.method == "POST" and form.is_valid():
        made = form.attempt(
            lambda: draft_policy(
                port=port,
                body=form.body(),
                note=form.cleaned_data["note"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if made is not None:
            messages.success(request, _("The draft is kept. Another officer must approve it."))
            return redirect("console:policy", code, made.version)
    return show(request, officer, "console/policy_draft.html", {"form": form}, port=port)


@require_POST
@officer_page(Permission.POLICY_APPROVE)
def approve(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    found = get_object_or_404(Policy, port=code, version=version)
    form = ApproveForm(request.POST)
    if form.is_valid():
        done = form.attempt(
            lambda: approve_policy(
                policy=found,
                effective_from=form.cleaned_data["effective_from"],
                by=officer.actor,
                at=timezone.now(),
            )
        )
        if done is not None:
            messages.success(request, _("The policy is approved."))
            return redirect("console:policy", code, version)
    return _policy(request, officer, code, version, form)


@require_POST
@officer_page(Permission.POLICY_DRAFT)
def withdraw(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    found = get_object_or_404(Policy, port=code, version=version)
    _do(request, _("The draft is withdrawn."), withdraw_policy, policy=found, by=officer)
    return redirect("console:policy", code, version)


@require_POST
@officer_page(Permission.POLICY_DRAFT)
def shadow(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    """Start the draft beside the live policy, or stop it."""
    found = get_object_or_404(Policy, port=code, version=version)
    run = ShadowRun.objects.filter(policy=found, stopped_at=None).first()
    if run is not None:
        _do(request, _("The shadow is stopped."), stop_shadow, run=run, by=officer)
    else:
        _do(request, _("The draft runs in shadow now."), start_shadow, policy=found, by=officer)
    return redirect("console:policy", code, version)


def _do(request: HttpRequest, done: str, service: Any, *, by: User, **what: Any) -> None:
    """One service call, its success or its refusal as a message."""
    try:
        service(**what, by=by.actor, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.text))
    else:
        messages.success(request, done)
