"""Runs: started and cancelled by an officer, run by a worker. Scenarios: saved and shared."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lanes.models import Port
from lanes.planning.models import SavedScenario, SimulationRun
from lanes.planning.simulator import Cancelled, Scenario, simulate
from lanes.planning.simulator.scenario_check import before_the_run, faults
from lanes.planning.staffing import MOST_TRIES, suggest
from lanes.planning.states import RUN, RunState
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, NotFound, Refused
from trustedtruck.core.work import after_commit

log = structlog.get_logger(__name__)
TASK = "lanes.planning.tasks.run_simulation"
# Parts of a run, so that its progress moves and a cancel is heard soon.
PARTS = 8
MOST_DAYS = 200
MOST_WAITING = 10


def check_scenario(body: Any) -> Scenario:
    """The scenario. Raises `Invalid` with every wrong field."""
    if found := faults(body):
        raise Invalid(
            tuple(
                FieldError(f.field, f.finding.code, gettext(f.finding.text) % f.finding.params)
                for f in found
            ),
            _("This cannot be simulated."),
        )
    return Scenario.from_json(body)


@transaction.atomic
def start_run(
    *,
    port: Port,
    name: str,
    body: Mapping[str, Any],
    by: Actor,
    at: datetime,
    target_minutes: float | None = None,
) -> SimulationRun:
    """Have a worker run it: a simulation, or with a target the search for lane hours.

    Raises `Invalid` with every wrong field, and `Refused` while too many runs wait at the port.
    """
    scenario = check_scenario(body)
    wrong = []
    if scenario.replications > MOST_DAYS:
        text = gettext("At most %(most)s days are simulated here.") % {"most": MOST_DAYS}
        wrong.append(FieldError("replications", "out_of_range", text))
    if target_minutes is not None and not 0 < target_minutes <= 240:
        text = gettext("A target wait is more than 0 and at most 240 minutes.")
        wrong.append(FieldError("target_minutes", "out_of_range", text))
    if wrong:
        raise Invalid(tuple(wrong), _("This cannot be simulated."))
    port = Port.objects.select_for_update().get(pk=port.pk)
    waiting = [RunState.QUEUED, RunState.RUNNING]
    if SimulationRun.objects.filter(port=port, state__in=waiting).count() >= MOST_WAITING:
        raise Refused(
            "too_many_simulations", _("Ten simulations of this port wait already. Cancel one.")
        )
    change = RUN.check("start", "")
    run = SimulationRun.objects.create(
        port=port,
        name=name,
        kind=(
            SimulationRun.Kind.SIMULATE if target_minutes is None else SimulationRun.Kind.SUGGEST
        ),
        body=scenario.as_json(),
        target_minutes=target_minutes,
        state=change.target,
        total=scenario.replications if target_minutes is None else MOST_TRIES,
        started_by=str(by),
        started_at=at,
    )
    _record(change.action, run, by)
    after_commit(TASK, run_id=run.pk)
    return run


@transaction.atomic
def cancel_run(*, run: SimulationRun, by: Actor, at: datetime) -> SimulationRun:
    """The worker hears it after the part that it is at."""
    run = _move(run, "cancel", by)
    run.finished_at = at
    run.save(update_fields=["state", "finished_at"])
    return run


def perform_run(*, run_id: int, by: Actor, at: datetime) -> str:
    """What a worker does: run it, unless another one does or did. The state afterwards.

    `at` is when it begins; when it ended the database says.
    """
    with transaction.atomic():
        run = SimulationRun.objects.select_for_update().get(pk=run_id)
        if run.state != RunState.QUEUED:
            return run.state
        run = _move(run, "begin", by)
        run.seen_at = at
        run.save(update_fields=["state", "seen_at"])
    try:
        result = _result(run)
    except Cancelled:
        return RunState.CANCELLED
    except Exception:
        # The scenario was checked, so this is a fault of ours: said to the officer, not repeated.
        log.exception("simulation_failed", run=run_id)
        return _end(run, "fail", by=by, result=None)
    return _end(run, "finish", by=by, result=result)


def take_up_again(*, run: SimulationRun, by: Actor, at: datetime) -> None:
    """Begin a run anew whose worker died: it stands still as `run` was read."""
    with transaction.atomic():
        now = SimulationRun.objects.select_for_update().get(pk=run.pk)
        if (now.state, now.seen_at) != (RunState.RUNNING, run.seen_at):
            return
        now = _move(now, "resume", by)
        now.done = 0
        now.save(update_fields=["state", "done"])
    perform_run(run_id=run.pk, by=by, at=at)


def _result(run: SimulationRun) -> dict[str, Any]:
    scenario = Scenario.from_json(run.body)
    notices = [
        {"code": n.code, "text": n.text, "params": _plain(n.params)}
        for n in before_the_run(scenario)
    ]

    def progress(done: int, total: int) -> bool:
        return bool(
            SimulationRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
                done=min(done, run.total), seen_at=Now()
            )
        )

    if run.target_minutes is not None:
        found = suggest(scenario, target_minutes=run.target_minutes, progress=progress)
        return {
            "booths": found.booths,
            "hours": found.hours,
            "worst": found.worst,
            "met": found.met,
            "cost": found.cost,
            "shifts": [shift.as_json() for shift in found.shifts()],
            "notices": [],
        }
    chunk = max(5, -(-scenario.replications // PARTS))
    body = simulate(scenario, progress=progress, chunk=chunk).as_json()
    # What was known before is said once: a saturated result tells more than the warning did.
    codes = {notice["code"] for notice in body["notices"]}
    body["notices"] += [notice for notice in notices if notice["code"] not in codes]
    return body


def _plain(params: Mapping[str, object]) -> dict[str, Any]:
    return {name: str(value) for name, value in params.items()}


@transaction.atomic
def _end(run: SimulationRun, name: str, *, by: Actor, result: dict[str, Any] | None) -> str:
    run = SimulationRun.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.RUNNING:
        return run.state
    run = _move(run, name, by)
    run.result, run.finished_at = result, Now()
    if result is not None:
        run.done = run.total
    run.save(update_fields=["state", "result", "finished_at", "done"])
    return run.state


@transaction.atomic
def save_scenario(*, run: SimulationRun, name: str, by: Actor, at: datetime) -> SavedScenario:
    """Keep a run's scenario under a name; the same name of the same owner is overwritten."""
    saved, _new = SavedScenario.objects.update_or_create(
        port=run.port, owner=str(by), name=name, defaults={"body": run.body, "saved_at": at}
    )
    _record_scenario("scenario.saved", saved, by)
    return saved


@transaction.atomic
def share_scenario(
    *, scenario: SavedScenario, shared: bool, by: Actor, at: datetime
) -> SavedScenario:
    """Show it to everybody who plans at the port, or to its owner only."""
    scenario = _own(scenario, by)
    scenario.shared = shared
    scenario.save(update_fields=["shared"])
    _record_scenario("scenario.shared" if shared else "scenario.unshared", scenario, by)
    return scenario


@transaction.atomic
def delete_scenario(*, scenario: SavedScenario, by: Actor, at: datetime) -> None:
    """Only whoever saved it may."""
    scenario = _own(scenario, by)
    _record_scenario("scenario.deleted", scenario, by)
    scenario.delete()


def _own(scenario: SavedScenario, by: Actor) -> SavedScenario:
    found = SavedScenario.objects.select_for_update().filter(pk=scenario.pk).first()
    if found is None:
        raise NotFound("scenario_unknown", _("There is no such scenario."))
    if found.owner != str(by):
        raise Refused("scenario_of_another", _("Only the scenario’s owner can do this."))
    return found


def _move(run: SimulationRun, name: str, by: Actor) -> SimulationRun:
    run = SimulationRun.objects.select_for_update().get(pk=run.pk)
    change = RUN.check(name, run.state)
    run.state = change.target
    _record(change.action, run, by)
    return run


def _record(action: str, run: SimulationRun, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="simulation",
        subject_id=run.pk,
        port_code=run.port_id,
        data={"name": run.name, "kind": run.kind},
    )


def _record_scenario(action: str, scenario: SavedScenario, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="scenario",
        subject_id=scenario.pk,
        port_code=scenario.port_id,
        data={"name": scenario.name},
    )
