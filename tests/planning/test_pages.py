"""What if, as a supervisor uses it: run, watch, cancel, compare, save, share; and the browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from lanes.models import Lane
from lanes.planning import services, simulator
from lanes.planning.models import SavedScenario, SimulationRun
from lanes.planning.queries import measured_times
from lanes.planning.simulator import Scenario
from lanes.planning.states import RunState
from lanes.planning.tasks import resume_simulations, run_simulation
from tests.browser import faults
from tests.cast import PORT
from tests.console.conftest import Staff
from tests.people import log_in, make_officer
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.models import Event
from trustedtruck.console.planning.forms import WhatIfForm
from trustedtruck.core.errors import Invalid, Refused

PLANNING = f"/console/ports/{PORT}/planning/"


def _fields(client: Client, **changes: Any) -> dict[str, Any]:
    """What the form shows, as a browser would send it back, with changes."""
    form: WhatIfForm = client.get(PLANNING).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in shown.items() if value is not None}
    return sent | {"trucks": 400, "replications": 4, "policy": "live", "name": "Quiet"} | changes


def _start(client: Client, **changes: Any) -> SimulationRun:
    answer = client.post(PLANNING, _fields(client, **changes))
    assert answer.status_code == 302, answer.context["form"].errors
    return SimulationRun.objects.get(public_id=answer["Location"].split("/")[-2])


def _shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def _of(run: SimulationRun) -> str:
    return f"{PLANNING}{run.public_id}/"


def test_the_form_begins_with_the_port_as_it_stands(staff: Staff) -> None:
    Lane.objects.filter(code="03").update(state="closed")
    client = staff.browser("simon")
    fields = _fields(client)
    assert (fields["shift_0_fast"], fields["shift_0_standard"]) == (2, 1)
    assert "in force: version 1" in _shown(client, PLANNING)


def test_a_run_is_started_watched_and_shown(staff: Staff) -> None:
    client = staff.browser("simon")
    run = _start(client)
    assert run.state == RunState.QUEUED
    assert "waits for a worker" in _shown(client, _of(run))
    assert run_simulation(run_id=run.pk) == RunState.DONE
    page = _shown(client, _of(run))
    assert page.count("<svg") >= 3
    assert "Wait, fast trucks" in page
    assert "style=" not in page.partition("<main")[2].partition("</main")[0]
    run.refresh_from_db()
    assert run.done == run.total == 4
    actions = Event.objects.filter(subject_kind="simulation").values_list("action", flat=True)
    assert set(actions) == {"simulation.started", "simulation.begun", "simulation.finished"}
    # A second message for the same run finds nothing to do.
    assert run_simulation(run_id=run.pk) == RunState.DONE


def test_the_page_and_the_command_say_the_same(staff: Staff, tmp_path: Any) -> None:
    import io
    import json

    from django.core.management import call_command

    run = _start(staff.browser("simon"))
    run_simulation(run_id=run.pk)
    run.refresh_from_db()
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(run.body))
    out = io.StringIO()
    call_command("simulate", str(file), "--json", stdout=out)
    body = json.loads(out.getvalue())
    assert run.result is not None
    for name, found in run.result["measures"].items():
        assert body["measures"][name]["mean"] == pytest.approx(found["mean"]), name


def test_a_draft_is_tried_before_anybody_approves_it(staff: Staff) -> None:
    from lanes.models import Policy, Port
    from lanes.services.policies import draft_policy

    strict = {"sampling_by_tier": {"1": 1, "2": 1, "3": 1}}
    draft = draft_policy(
        port=Port.objects.get(), body=strict, by=staff.gus.actor, at=timezone.now()
    )
    client = staff.browser("simon")
    run = _start(client, policy=str(draft.version))
    run_simulation(run_id=run.pk)
    run.refresh_from_db()
    assert run.result is not None
    assert run.result["measures"]["fast"]["mean"] == 0
    assert run.result["measures"]["drawn"]["mean"] > 0
    assert not Policy.objects.get(pk=draft.pk).approved_by


@pytest.mark.parametrize(("field", "value", "words"), [
    ("trucks", "-5", "This is a number from 1 to"),
    ("trucks", "many", "Enter a number"),
    ("enrolled", "140", "This is a number from 0 to 1"),
    ("fast_seconds", "-27", "This is a number from 0.1"),
    ("shift_0_end", "5", "A shift must end after it begins"),
    ("shift_0_standard", "0", "There is no standard lane"),
    ("shift_0_nii", "0", "no scanner is open"),
    ("replications", "5000", "This is a whole number from 2 to 1,000"),
    ("replications", "500", "At most 200 days are simulated here"),
    ("target_minutes", "-3", "A target wait is more than 0"),
    ("method", "x", "not one of the available choices"),
])  # fmt: skip
def test_what_cannot_be_run_is_said_beside_its_field(
    staff: Staff, field: str, value: str, words: str
) -> None:
    client = staff.browser("simon")
    answer = client.post(PLANNING, _fields(client, **{field: value}))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not SimulationRun.objects.exists()


def test_a_saturated_port_is_said_in_words(staff: Staff) -> None:
    client = staff.browser("simon")
    run = _start(client, trucks=9000)
    run_simulation(run_id=run.pk)
    assert "Saturated: of" in _shown(client, _of(run))
    spanish = client.get(_of(run), headers={"Accept-Language": "es"}).content.decode()
    assert "Saturated" not in spanish


def test_a_run_is_cancelled_while_it_waits_and_while_it_runs(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = staff.browser("simon")
    waiting = _start(client)
    client.post(f"{_of(waiting)}cancel/")
    assert run_simulation(run_id=waiting.pk) == RunState.CANCELLED

    running = _start(client, replications=40)
    parts = []
    simulate = simulator.simulate

    def slow(scenario: Scenario, **options: Any) -> Any:
        progress = options["progress"]

        def heard(done: int, total: int) -> bool:
            parts.append(done)
            if done:
                client.post(f"{_of(running)}cancel/")
            return bool(progress(done, total))

        return simulate(scenario, progress=heard, chunk=options["chunk"])

    monkeypatch.setattr(services, "simulate", slow)
    assert run_simulation(run_id=running.pk) == RunState.CANCELLED
    assert parts == [0, 5]
    running.refresh_from_db()
    assert running.result is None
    again = client.post(f"{_of(running)}cancel/", follow=True).content.decode()
    assert "is not possible from there" in again


def test_a_run_whose_worker_died_is_begun_anew(staff: Staff) -> None:
    run = _start(staff.browser("simon"))
    long_ago = timezone.now() - timedelta(minutes=10)
    SimulationRun.objects.filter(pk=run.pk).update(
        state=RunState.RUNNING, started_at=long_ago, seen_at=timezone.now()
    )
    assert resume_simulations() == 0
    assert not Event.objects.filter(action="simulation.resumed").exists()
    SimulationRun.objects.filter(pk=run.pk).update(seen_at=long_ago)
    assert resume_simulations() == 1
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert run.finished_at is not None
    assert run.finished_at >= run.seen_at > run.started_at
    begun_anew = Event.objects.get(action="simulation.resumed")
    assert begun_anew.subject_id == str(run.pk)


def test_a_lost_message_costs_time_only(staff: Staff) -> None:
    run = _start(staff.browser("simon"))
    SimulationRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(minutes=2))
    assert resume_simulations() == 1
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_a_fault_of_ours_is_said_and_not_repeated(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = staff.browser("simon")
    run = _start(client)

    def broken(*_args: Any, **_options: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(services, "simulate", broken)
    assert run_simulation(run_id=run.pk) == RunState.FAILED
    assert "Something went wrong on our side" in _shown(client, _of(run))


def test_lane_hours_are_suggested(staff: Staff) -> None:
    client = staff.browser("simon")
    run = _start(client, trucks=150, target_minutes=30, shift_0_start=8, shift_0_end=24)
    assert run.kind == "suggest"
    assert run_simulation(run_id=run.pk) == RunState.DONE
    page = _shown(client, _of(run))
    assert "booth hours a day" in page
    assert "Open booths by hour" in page


def test_two_runs_are_compared(staff: Staff) -> None:
    client = staff.browser("simon")
    one, other = _start(client, name="Now"), _start(client, name="More", growth=50)
    refused = client.get(f"{_of(one)}compare/?with={other.public_id}", follow=True)
    assert "Only finished simulations can be compared" in refused.content.decode()
    for run in (one, other):
        run_simulation(run_id=run.pk)
    page = _shown(client, f"{_of(one)}compare/?with={other.public_id}")
    assert "Now / More" in page
    assert "+5" in page
    assert client.get(f"{_of(one)}compare/?with=x").status_code == 302


def test_a_scenario_is_saved_loaded_shared_and_deleted(staff: Staff) -> None:
    client = staff.browser("simon")
    second = log_in(make_officer("Sofia", Role.SUPERVISOR, ports=[PORT]))
    run = _start(client, trucks=777)
    client.post(f"{_of(run)}save/", {"name": "Christmas"})
    saved = SavedScenario.objects.get()
    assert "Christmas" in _shown(client, PLANNING)
    form = client.get(f"{PLANNING}?scenario={saved.public_id}").context["form"]
    assert form["trucks"].value() == 777
    assert "Christmas" not in _shown(second, PLANNING)
    assert second.get(f"{PLANNING}?scenario={saved.public_id}").status_code == 404
    scenario = f"{PLANNING}scenarios/{saved.public_id}/"
    client.post(scenario, {"do": "share"})
    assert "Christmas" in _shown(second, PLANNING)
    refused = second.post(scenario, {"do": "delete"}, follow=True).content.decode()
    assert "Only the scenario’s owner can do this." in refused
    client.post(scenario, {"do": "unshare"})
    assert "Christmas" not in _shown(second, PLANNING)
    client.post(scenario, {"do": "delete"})
    assert not SavedScenario.objects.exists()
    assert client.post(f"{_of(run)}save/", {"name": ""}).status_code == 400


def test_one_port_does_not_crowd_the_workers(staff: Staff) -> None:
    client = staff.browser("simon")
    for _ in range(services.MOST_WAITING):
        _start(client)
    answer = client.post(PLANNING, _fields(client))
    assert answer.status_code == 400
    assert "Ten simulations of this port wait already" in answer.content.decode()
    with pytest.raises(Refused):
        services.start_run(
            port=staff.cast.port, name="x", body={}, by=staff.simon.actor, at=timezone.now()
        )


def test_the_service_names_every_wrong_field(staff: Staff) -> None:
    with pytest.raises(Invalid) as refusal:
        services.start_run(
            port=staff.cast.port,
            name="x",
            body={"trucks": 0, "shifts": []},
            by=staff.simon.actor,
            at=timezone.now(),
        )
    assert {error.field for error in refusal.value.errors} == {"trucks", "shifts"}


def test_service_times_come_from_measured_passages(staff: Staff) -> None:
    """Thirty trucks stand in lane 01 and pass it every 40 seconds."""
    from lanes.models import Passage

    assert measured_times(PORT) == {}
    trucks = [staff.truck() for _ in range(30)]
    lane = Lane.objects.get(code="01")
    now = timezone.now()
    for number, truck in enumerate(trucks):
        Passage.objects.create(
            arrival_id=truck,
            port_id=PORT,
            device=staff.cast.device,
            event_id=f"p{number}",
            point="lane",
            lane=lane,
            at=now + timedelta(seconds=40 * (number + 1)),
        )
    found = measured_times(PORT)
    assert found["fast"].mean == pytest.approx(40, abs=0.01)
    assert set(found) == {"fast"}


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_planner_at_the_browser(
    browser: Browser, live_server: LiveServer, staff: Staff, language: str, scheme: Any
) -> None:
    """Fill in, run, see the charts appear by themselves, compare, save; on a phone too."""
    session = log_in(staff.simon).cookies[django_settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(
        viewport={"width": 390 if scheme == "dark" else 1280, "height": 900}, color_scheme=scheme
    )
    cookies = {"sessionid": session, "django_language": language}
    context.add_cookies(
        [{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()]
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    try:
        runs = []
        for trucks in ("300", "420"):
            page.goto(live_server.url + PLANNING)
            page.locator("#id_trucks").fill(trucks)
            page.locator("#id_replications").fill("4")
            assert faults(page) == []
            page.locator("form.tt-form button[type=submit]").first.click()
            page.wait_for_url("**/planning/*-*/")
            assert faults(page) == []
            runs.append(SimulationRun.objects.latest("started_at"))
            expect(page.locator("#simulation progress")).to_be_visible()
            run_simulation(run_id=runs[-1].pk)
            expect(page.locator("#simulation svg.tt-chart")).to_have_count(3, timeout=15_000)
            assert faults(page) == []
        page.reload()
        page.locator("#with").select_option(index=0)
        page.locator("form.tt-filter button").click()
        expect(page.locator("svg.tt-chart")).to_have_count(1)
        assert faults(page) == []
        page.goto(live_server.url + PLANNING)
        page.locator("#id_shift_0_end").fill("3")
        page.locator("form.tt-form button[type=submit]").first.click()
        expect(page.locator(".usa-error-message").first).to_be_visible()
        assert faults(page) == []
        expect(page.locator("main")).not_to_contain_text("%(")
        assert [text for text in complaints if "400" not in text] == []
    finally:
        context.close()
