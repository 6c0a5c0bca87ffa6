"""Officers are told of what alerts meet, and of what partners send that nobody has taken in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from lanes.services import hits
from tests.alerts.conftest import Officers
from tests.alerts.sharing import Mexico, warning
from tests.alerts.writing import agency, issue
from tests.cast import PORT, TESTER, Cast
from tests.lanes.conftest import Gate
from tests.people import log_in, make_officer
from trustedtruck.accounts import notify
from trustedtruck.accounts.models import OfficerNotice, User
from trustedtruck.accounts.roles import Role
from trustedtruck.alerts.models import Hit
from trustedtruck.audit.models import Event

Decide = Callable[[], int]


def told(user: User) -> list[str]:
    return list(
        OfficerNotice.objects.filter(officer=user).order_by("pk").values_list("code", flat=True)
    )


def issue_on(cast: Cast, **changes: Any) -> None:
    """An alert on the cast's truck; what is told of its filed trip is put away."""
    issue(("tag", cast.truck.tag_epc or ""), **changes)
    OfficerNotice.objects.all().delete()


def arrive(cast: Cast, gate: Gate, decide: Decide) -> None:
    gate.arrive(cast.arrival(), "respond-async")
    decide()


def test_a_truck_that_an_alert_is_on_is_told_at_its_port_and_to_the_alerts_agency(
    cast: Cast, gate: Gate, decide_now: Decide, officers: Officers
) -> None:
    """Wherever the agency works; not to other agencies elsewhere, nor to who only reads."""
    drugs = agency("US-DEA")
    far, other = (make_officer(name, Role.INSPECTOR, ports=["2506"]) for name in ("Dana", "Otto"))
    User.objects.filter(pk=far.pk).update(agency=drugs)
    reader = make_officer("Aurelia", Role.AUDITOR, ports=[PORT])
    issue_on(cast, owner="US-DEA")
    arrive(cast, gate, decide_now)
    for user in (officers.ines, officers.simon, officers.petra, officers.dora, far):
        assert told(user) == ["alert_met_arrival"], user
    assert told(other) == told(reader) == []
    notice = OfficerNotice.objects.filter(officer=far).get()
    hit = Hit.objects.select_related("alert").get(subject_kind="arrival")
    assert notice.title == "An alert of US-DEA is on trucks at the port: 1"
    assert (notice.body, notice.path) == (hit.alert.instruction, "/console/alerts/hits/")


def test_it_is_mailed_in_each_officers_language(
    cast: Cast, gate: Gate, decide_now: Decide, officers: Officers
) -> None:
    User.objects.filter(pk=officers.petra.pk).update(language="es")
    issue_on(cast)
    arrive(cast, gate, decide_now)
    notify.mail_due(at=timezone.now())
    sent: dict[str, Any] = {message.to[0]: message for message in mail.outbox}
    assert "is on trucks at the port: 1" in sent["ines@example.org"].subject
    assert "Una alerta de US-CBP" in sent["petra@example.org"].subject


@pytest.mark.parametrize(("mark", "heard"), [("green", ["alert_met_arrival"]), ("amber", [])])
def test_a_partners_officer_hears_only_of_alerts_that_the_mark_shows_to_partners(
    cast: Cast,
    gate: Gate,
    decide_now: Decide,
    officers: Officers,
    mexico: Mexico,
    mark: str,
    heard: list[str],
) -> None:
    issue_on(cast, mark=mark)
    arrive(cast, gate, decide_now)
    assert told(officers.pablo) == heard
    assert told(officers.petra) == ["alert_met_arrival"]


def test_filed_trips_are_told_once_for_an_alert_and_without_mail(
    cast: Cast, officers: Officers
) -> None:
    issue(("tag", cast.truck.tag_epc or ""))
    assert Hit.objects.filter(subject_kind="trip").exists()
    assert told(officers.petra) == ["alert_met_trip"]
    assert notify.mail_due(at=timezone.now()) == 0


def test_a_truck_past_its_decision_is_an_alarm_that_is_told(
    cast: Cast, gate: Gate, decide_now: Decide, officers: Officers
) -> None:
    arrive(cast, gate, decide_now)
    issue_on(cast)
    assert hits.match_arrivals(by=TESTER, at=timezone.now()) == 1
    assert set(told(officers.petra)) == {"alert_met_arrival", "alarm_raised"}


def test_the_same_hit_is_told_once(
    cast: Cast, gate: Gate, decide_now: Decide, officers: Officers
) -> None:
    issue_on(cast)
    arrive(cast, gate, decide_now)
    before = OfficerNotice.objects.count()
    hits.catch_up(by=TESTER, at=timezone.now())
    hits.match_arrivals(by=TESTER, at=timezone.now())
    assert OfficerNotice.objects.count() == before


def test_what_waits_in_quarantine_is_told_to_who_may_accept_it(
    mexico: Mexico, officers: Officers
) -> None:
    mexico.send(warning())
    assert told(officers.simon) == ["messages_quarantined"]
    notice = OfficerNotice.objects.get()
    assert notice.title == "Messages of MX-ANAM wait in quarantine: 1"
    assert notice.path == "/console/alerts/quarantine/"
    mexico.send(warning())
    assert told(officers.simon) == ["messages_quarantined"]


def test_what_a_rule_takes_in_is_not_told_as_waiting(mexico: Mexico, officers: Officers) -> None:
    mexico.agree(accepts=["narcotics"])
    mexico.send(warning())
    assert "messages_quarantined" not in told(officers.simon)


def test_looking_at_alerts_that_name_somebody_is_on_record(officers: Officers) -> None:
    """Of those that name nobody, or whose names the officer does not see, nothing is."""
    named = issue(("driver_name", "Prueba, Rosa"))
    issue(("plate", "TX NPL81"))
    page = log_in(officers.petra).get("/console/alerts/").content.decode()
    assert named.criteria.get().value in page
    looks = Event.objects.filter(action="personal_data.viewed")
    assert [(e.actor_label, e.subject_id) for e in looks] == [("Petra", str(named.public_id))]
    aurelia = make_officer("Aurelia", Role.AUDITOR, ports=[PORT])
    page = log_in(aurelia).get("/console/alerts/").content.decode()
    assert named.criteria.get().value not in page
    assert looks.count() == 1
