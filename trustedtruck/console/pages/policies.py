"""A port's policies: every version, what each says, drafted by one and approved by another."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lanes.models import Policy, ShadowRun
from lanes.policy_texts import campaign_texts, sentences
from lanes.queries import policy_in_force
from lanes.rules.policy import BODY
from lanes.rules.policy import Policy as Rules
from lanes.rules.policy_diff import percent
from lanes.services.policies import approve_policy, draft_policy, withdraw_policy
from lanes.services.shadow import start_shadow, stop_shadow
from trustedtruck.accounts.models import User
from trustedtruck.accounts.people import name_of, names_of
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.forms import LABELS, LANE_POLICY_TEXTS, PolicyForm
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.pages.forms import ServiceForm
from trustedtruck.pages.outcome import carried_out, tried

Text = str | Promise


class ApproveForm(ServiceForm):
    effective_from = forms.DateTimeField(
        label=gettext_lazy("In force from"),
        required=False,
        help_text=gettext_lazy("Empty: at once. For example 2026-03-01 06:00."),
    )


@require_safe
@officer_page(Permission.POLICY_READ)
def policies(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    rows = list(Policy.objects.filter(port=code).order_by("-version")[:100])
    people = names_of(actor for row in rows for actor in (row.drafted_by, row.approved_by))
    context = {
        "policies": [
            (
                row,
                name_of(row.drafted_by, people),
                name_of(row.approved_by, people),
            )
            for row in rows
        ],
        "in_force": policy_in_force(code).version,
    }
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
    live, rules = policy_in_force(code), Rules.from_json(version, found.body)
    run = ShadowRun.objects.filter(policy=found).order_by("-started_at").first()
    context = {
        "policy": found,
        "values": _values(rules),
        "changes": sentences(live, rules),
        "in_force": live.version,
        "run": run,
        "otherwise": run.differences.count() if run else 0,
        "mine": found.drafted_by == str(officer.actor),
        "form": form,
    }
    return show(request, officer, "console/policy.html", context, port=port_or_404(code))


def _values(rules: Rules) -> list[tuple[str, list[Text]]]:
    """Each setting with its label and the lines that say its value; no line where it says none."""
    return [(str(LABELS[name]), _lines(name, getattr(rules, name), rules)) for name in BODY]


def _lines(name: str, value: Any, rules: Rules) -> list[Text]:
    if name == "campaigns":
        return [*campaign_texts(rules)]
    if name == "lane_policy":
        return [LANE_POLICY_TEXTS[value]]
    if name == "weight_tolerance":
        return [percent(value)]
    if isinstance(value, bool):
        return [_("yes") if value else _("no")]
    if isinstance(value, Mapping):
        return [f"{key}: {percent(rate)}" for key, rate in sorted(value.items())]
    if isinstance(value, tuple):
        return [", ".join(value)] if value else []
    return [] if value is None else [f"{value:g}"]


@require_http_methods(["GET", "POST"])
@officer_page(Permission.POLICY_DRAFT)
def draft(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """A new version, begun from the one in force."""
    port = port_or_404(code)
    form = PolicyForm(request.POST or None, begin=policy_in_force(code))
    made = carried_out(
        request,
        form,
        lambda: draft_policy(
            port=port,
            body=form.body(),
            note=form.cleaned_data["note"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The draft is kept. Another officer must approve it."),
    )
    if made is not None:
        return redirect("console:policy", code, made.version)
    return show(request, officer, "console/policy_draft.html", {"form": form}, port=port)


@require_POST
@officer_page(Permission.POLICY_APPROVE)
def approve(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    found = get_object_or_404(Policy, port=code, version=version)
    form = ApproveForm(request.POST)
    done = carried_out(
        request,
        form,
        lambda: approve_policy(
            policy=found,
            effective_from=form.cleaned_data["effective_from"],
            by=officer.actor,
            at=timezone.now(),
        ),
        _("The policy is approved."),
    )
    if done is not None:
        return redirect("console:policy", code, version)
    return _policy(request, officer, code, version, form)


@require_POST
@officer_page(Permission.POLICY_DRAFT)
def withdraw(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    found = get_object_or_404(Policy, port=code, version=version)
    tried(
        request,
        lambda: withdraw_policy(policy=found, by=officer.actor, at=timezone.now()),
        _("The draft is withdrawn."),
    )
    return redirect("console:policy", code, version)


@require_POST
@officer_page(Permission.POLICY_DRAFT)
def shadow(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    """Start the draft beside the live policy, or stop it."""
    found = get_object_or_404(Policy, port=code, version=version)
    run = ShadowRun.objects.filter(policy=found, stopped_at=None).first()
    by, at = officer.actor, timezone.now()
    if run is not None:
        tried(request, lambda: stop_shadow(run=run, by=by, at=at), _("The shadow is stopped."))
    else:
        tried(
            request,
            lambda: start_shadow(policy=found, by=by, at=at),
            _("The draft runs in shadow now."),
        )
    return redirect("console:policy", code, version)
