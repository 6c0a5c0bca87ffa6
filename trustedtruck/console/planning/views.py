"""What if: start a run, watch it, look at it, compare it, save and share its scenario."""

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lanes.models import Policy, Port
from lanes.planning import services
from lanes.planning.models import SavedScenario, SimulationRun
from lanes.planning.queries import measured_times, runs_of, scenarios_of
from lanes.planning.simulator import Scenario
from lanes.planning.simulator.hours import Shift
from lanes.planning.states import RunState
from lanes.queries import policy_in_force
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.console.planning import results
from trustedtruck.console.planning.forms import COLUMNS, NameForm, WhatIfForm
from trustedtruck.pages.outcome import carried_out, tried

RUNS = 20
AT_WORK = (RunState.QUEUED, RunState.RUNNING)


def _begin(port: Port) -> Scenario:
    """The port as it stands: its lanes, its policy in force, its measured service times."""
    lanes = list(port.lanes.filter(state="open"))
    usual = Scenario()
    shift = usual.shifts[0]
    fast = sum(lane.route == "fast" for lane in lanes)
    measured = measured_times(port.code)
    times = replace(
        usual.times,
        fast=measured.get("fast", usual.times.fast),
        standard=measured.get("inspection", usual.times.standard),
    )
    if lanes:
        shift = replace(shift, fast=fast, standard=len(lanes) - fast)
    return replace(usual, shifts=(shift,), policy=policy_in_force(port.code), times=times)


def _policies(port: Port, begin: Scenario) -> dict[str, Any]:
    """By key: what the form offers, and the policy's body."""
    found: dict[str, Any] = {"scenario": (_("as in this scenario"), begin.policy.as_json())}
    live = policy_in_force(port.code)
    found["live"] = (_("in force: version %(n)s") % {"n": live.version}, live.as_json())
    for row in Policy.objects.filter(port=port, withdrawn_by="").order_by("-version")[:20]:
        words = _("draft: version %(n)s") if row.state == "draft" else _("version %(n)s")
        found[str(row.version)] = (words % {"n": row.version}, row.body)
    return found


@require_http_methods(["GET", "POST"])
@officer_page(Permission.PLAN)
def planning(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """The form, filled with the port as it stands, a saved scenario or an earlier run."""
    port = port_or_404(code)
    begin, name = _chosen(request, officer, port)
    form = WhatIfForm(
        request.POST or None,
        begin=begin,
        policies=_policies(port, begin),
        name=name or _("What if"),
    )
    run = carried_out(
        request,
        form,
        lambda: services.start_run(
            port=port,
            name=form.cleaned_data["name"],
            body=form.body(),
            target_minutes=form.cleaned_data["target_minutes"],
            by=officer.actor,
            at=timezone.now(),
        ),
        "",
    )
    if run is not None:
        return redirect("console:simulation", code, run.public_id)
    context = {
        "form": form,
        "columns": COLUMNS.values(),
        "runs": runs_of(code)[:RUNS],
        "scenarios": scenarios_of(code, officer.actor).order_by("name"),
        "me": str(officer.actor),
    }
    return show(request, officer, "console/planning/planning.html", context, port=port)


def _chosen(request: HttpRequest, officer: User, port: Port) -> tuple[Scenario, str]:
    """What `?scenario=` or `?run=` names; else the port as it stands."""
    found: SavedScenario | SimulationRun
    if wanted := _uuid(request.GET.get("scenario")):
        mine = scenarios_of(port.code, officer.actor)
        found = get_object_or_404(mine, public_id=wanted)
    elif wanted := _uuid(request.GET.get("run")):
        found = _run(port.code, wanted)
    else:
        return _begin(port), ""
    return Scenario.from_json(found.body), found.name


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _run(code: str, run_id: uuid.UUID) -> SimulationRun:
    return get_object_or_404(SimulationRun, port=code, public_id=run_id)


@require_safe
@officer_page(Permission.PLAN)
def simulation(request: HttpRequest, officer: User, code: str, run_id: uuid.UUID) -> HttpResponse:
    """How far a run is; then what came out."""
    return _simulation(request, officer, code, _run(code, run_id), None)


def _simulation(
    request: HttpRequest, officer: User, code: str, run: SimulationRun, form: NameForm | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "run": run,
        "at_work": run.state in AT_WORK,
        "form": form or NameForm(initial={"name": run.name}),
        "others": runs_of(code)
        .filter(state=RunState.DONE, kind=SimulationRun.Kind.SIMULATE)
        .exclude(pk=run.pk)[:RUNS],
    }
    if run.result is not None:
        context["notices"] = results.notices(run.result)
        if run.kind == SimulationRun.Kind.SIMULATE:
            context |= {
                "measures": results.measures(run.result),
                "hours": results.hours(run.result),
                "charts": results.charts(run.result),
                "uses": results.USES.values(),
            }
        else:
            context["chart"] = results.lane_hours_chart(run.result["booths"])
            context["shifts"] = [Shift.from_json(item) for item in run.result["shifts"]]
            context["booths"] = zip(
                range(24), run.result["booths"]["fast"], run.result["booths"]["standard"],
                strict=True,
            )  # fmt: skip
    template = "console/planning/simulation.html"
    return show(request, officer, template, context, port=port_or_404(code))


@require_POST
@officer_page(Permission.PLAN)
def cancel(request: HttpRequest, officer: User, code: str, run_id: uuid.UUID) -> HttpResponse:
    run = _run(code, run_id)
    tried(
        request,
        lambda: services.cancel_run(run=run, by=officer.actor, at=timezone.now()),
        _("The run is cancelled."),
    )
    return redirect("console:simulation", code, run.public_id)


@require_POST
@officer_page(Permission.PLAN)
def save(request: HttpRequest, officer: User, code: str, run_id: uuid.UUID) -> HttpResponse:
    """Keep the scenario of a run under a name."""
    run = _run(code, run_id)
    form = NameForm(request.POST)
    done = carried_out(
        request,
        form,
        lambda: services.save_scenario(
            run=run, name=form.cleaned_data["name"], by=officer.actor, at=timezone.now()
        ),
        _("The scenario is saved."),
    )
    if done is not None:
        return redirect("console:planning", code)
    return _simulation(request, officer, code, run, form)


@require_POST
@officer_page(Permission.PLAN)
def scenario(
    request: HttpRequest, officer: User, code: str, scenario_id: uuid.UUID
) -> HttpResponse:
    """Share a saved scenario, stop sharing it, or delete it."""
    found = get_object_or_404(scenarios_of(code, officer.actor), public_id=scenario_id)
    what = request.POST.get("do", "")
    now = timezone.now()
    if what == "delete":
        tried(
            request,
            lambda: services.delete_scenario(scenario=found, by=officer.actor, at=now),
            _("The scenario is deleted."),
        )
    elif what in ("share", "unshare"):
        shared = what == "share"
        tried(
            request,
            lambda: services.share_scenario(
                scenario=found, shared=shared, by=officer.actor, at=now
            ),
            _("Everybody who plans at this port sees the scenario now.")
            if shared
            else _("Only you see the scenario now."),
        )
    return redirect("console:planning", code)


def _is_comparable(run: SimulationRun) -> bool:
    return run.result is not None and run.kind == SimulationRun.Kind.SIMULATE


@require_safe
@officer_page(Permission.PLAN)
def compare(request: HttpRequest, officer: User, code: str, run_id: uuid.UUID) -> HttpResponse:
    """Two finished runs side by side: `?with=` names the other."""
    one = _run(code, run_id)
    wanted = _uuid(request.GET.get("with"))
    if wanted is None:
        return redirect("console:simulation", code, run_id)
    other = _run(code, wanted)
    if not (_is_comparable(one) and _is_comparable(other)):
        messages.error(request, _("Only finished simulations can be compared."))
        return redirect("console:simulation", code, run_id)
    context = {
        "one": one,
        "other": other,
        "rows": results.compared(one.result or {}, other.result or {}),
        "chart": results.comparison_chart(
            (one.name, other.name), one.result or {}, other.result or {}
        ),
    }
    return show(request, officer, "console/planning/compare.html", context, port=port_or_404(code))
