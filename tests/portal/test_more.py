"""What the other files leave: trailers, drivers, removals, each finding of vetting, the tasks."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from lanes.models import Alarm
from tests.cast import TESTER, good_vin, make_carrier, tag
from tests.people import log_in, make_officer
from tests.portal.conftest import PROFILE, Newcomer, People
from tests.portal.crossings import cross
from tests.portal.test_application import complete
from tests.portal.test_imports import line, lines, upload
from trustedtruck.carriers import tasks
from trustedtruck.carriers.models import (
    Application,
    Carrier,
    Document,
    Driver,
    ImportJob,
    Insurance,
    Profile,
    SiteVisit,
    Trailer,
)
from trustedtruck.carriers.services import (
    NewDriver,
    NewTrailer,
    NewTruck,
    add_drivers,
    add_trailers,
    add_trucks,
    deadlines,
    enrolment,
    upkeep,
)
from trustedtruck.carriers.services.profile import save_profile
from trustedtruck.credentials.models import BulkJob
from trustedtruck.enrolment.vetting import checks
from trustedtruck.portal.queries.overview import Figures, Rates, figures

pytestmark = pytest.mark.django_db


def trailer_of(people: People) -> Trailer:
    new = NewTrailer("R-1", "TRL1", "TX")
    return add_trailers(carrier=people.norte, trailers=[new], by=TESTER, at=timezone.now())[0]


def driver_of(carrier: Carrier, **changes: Any) -> Driver:
    values: dict[str, Any] = {
        "given_names": "Rosa",
        "family_names": "Luna",
        "birth_date": date(1980, 5, 17),
        "citizenship": "MX",
    } | changes
    return add_drivers(
        carrier=carrier, drivers=[NewDriver(**values)], by=TESTER, at=timezone.now()
    )[0]


def test_a_trailer_is_added_and_changed(people: People) -> None:
    client = people.browser("flor")
    values = {"number": "R-9", "plate_number": "TRL9", "plate_jurisdiction": "TX"}
    assert client.post("/portal/fleet/trailers/add/", values).status_code == 302
    row = Trailer.objects.get()
    page = f"/portal/fleet/trailers/{row.public_id}/"
    assert client.post(page, values | {"number": "R-10"}).status_code == 302
    row.refresh_from_db()
    assert row.number == "R-10"
    assert 'href="#field-plate_number"' in (
        client.post(page, values | {"plate_number": "¿"}).content.decode()
    )


def test_a_driver_is_changed_but_not_the_name(people: People) -> None:
    row, client = driver_of(people.norte), people.browser("flor")
    page = f"/portal/fleet/drivers/{row.public_id}/"
    values = {"citizenship": "US", "fast_card": "41000000000001", "fast_card_expires_date": ""}
    assert 'href="#field-fast_card_expires_date"' in client.post(page, values).content.decode()
    ends = values | {"fast_card_expires_date": "2031-01-01", "given_names": "Otra"}
    assert client.post(page, ends).status_code == 302
    row.refresh_from_db()
    assert (row.citizenship, row.fast_card, row.given_names) == ("US", "41000000000001", "Rosa")


def test_papers_are_removed_again(people: People) -> None:
    client, today = people.browser("flor"), timezone.now().date()
    ends = (today + timedelta(days=9)).isoformat()
    row = driver_of(people.norte)
    page = f"/portal/fleet/drivers/{row.public_id}/documents/"
    client.post(page, {"kind": "licence", "number": "L-1", "expires_date": ends})
    client.post(f"/portal/documents/{Document.objects.get().public_id}/remove/")
    assert not Document.objects.exists()
    policy = {
        "insurer": "S",
        "policy_number": "P",
        "liability_usd": "5",
        "starts_date": today.isoformat(),
        "expires_date": ends,
    }
    client.post("/portal/insurance/", policy)
    client.post(f"/portal/insurance/{Insurance.objects.get().public_id}/remove/")
    assert not Insurance.objects.exists()


@pytest.mark.parametrize("kind", ["trucks", "trailers", "drivers"])
def test_a_list_is_searched(people: People, kind: str) -> None:
    trailer_of(people)
    driver_of(people.norte)
    new = NewTruck("N1", good_vin(1), "NPL81", "TX", tag(1))
    add_trucks(carrier=people.norte, trucks=[new], by=TESTER, at=timezone.now())
    words = {"trucks": "npl8", "trailers": "trl", "drivers": "lun"}
    client = people.browser("vera")
    page = f"/portal/fleet/{kind}/"
    assert "<table" in client.get(page, {"q": words[kind]}).content.decode()
    assert "Nothing found" in client.get(page, {"q": "zzz"}).content.decode()


def test_credentials_are_asked_for_once_at_a_time(people: People) -> None:
    trailer_of(people)
    client = people.browser("flor")
    client.post("/portal/credentials/issue/")
    assert BulkJob.objects.get().total == 1
    again = client.post("/portal/credentials/issue/", follow=True).content.decode()
    assert "is running already" in again
    assert client.get("/portal/credentials/", {"kind": "trailer"}).status_code == 200


def test_a_certified_company_is_told_what_has_no_credential_yet(people: People) -> None:
    trailer_of(people)
    assert "has no credential yet" in people.browser("flor").get("/portal/").content.decode()
    assert "has no credential yet" not in people.browser("vera").get("/portal/").content.decode()


def test_no_carrier_reads_the_figures_of_another(people: People) -> None:
    """With Sur alone beside it, what is said of the others would be said of Sur."""
    cross([people.norte, people.sur])
    assert figures(people.norte) == Figures(Rates(1, 0, 1, None), Rates(0, 0, 0, None))
    assert "<td>1</td><td>—</td>" in people.browser("vera").get("/portal/").content.decode()


def test_three_others_are_compared_with(people: People) -> None:
    others = [people.sur, make_carrier("ESTE", "Este"), make_carrier("OEST", "Oeste")]
    cross([people.norte, *others])
    assert figures(people.norte).others == Rates(3, 0, 3, None)


def test_a_key_says_in_words_what_it_may(people: People) -> None:
    shown = people.browser("marta").post(
        "/portal/integration/keys/", {"scopes": ["manifests:write"], "expires_date": ""}
    )
    assert "<td>file manifests and certificates</td>" in shown.content.decode()


def findings(check: str, application: Application) -> str:
    result = checks.CHECKS[check][0](application, timezone.now().date())
    return " / ".join(f["text"] % f["params"] for f in result.findings)


def test_vetting_of_identifiers(newcomer: Newcomer) -> None:
    carrier = newcomer.carrier
    values = {k: v for k, v in PROFILE.items() if k != "version"}
    now = timezone.now()
    save_profile(carrier=carrier, values=values, version=0, by=TESTER, at=now)
    Carrier.objects.filter(pk=carrier.pk).update(usdot=None, rfc="GODE561231GR9")
    application = Application.objects.select_related("carrier").get()
    found = findings("identifiers", application)
    assert "without a USDOT number" in found
    Carrier.objects.filter(pk=carrier.pk).update(kind="mx_long_haul")
    application = Application.objects.select_related("carrier").get()
    assert "without a CAAT" in findings("identifiers", application)


def test_vetting_of_documents_and_drivers(newcomer: Newcomer) -> None:
    carrier, today = newcomer.carrier, timezone.now().date()
    driver = driver_of(
        carrier,
        birth_date=today - timedelta(days=17 * 365),
        fast_card="41000000000001",
        fast_card_expires_date=today,
    )
    Document.objects.create(
        carrier=carrier,
        driver=driver,
        kind="licence",
        number="L-1",
        expires_date=today,
        added_by="user:1",
        added_at=timezone.now(),
    )
    Insurance.objects.create(
        carrier=carrier,
        insurer="S",
        policy_number="P",
        liability_usd=1,
        starts_date=today,
        expires_date=today + timedelta(days=1),
        added_by="user:1",
        added_at=timezone.now(),
    )
    assert "younger than 18" in findings("fleet", newcomer.application)
    found = findings("documents", newcomer.application)
    assert "Document L-1 ended" in found
    assert "The FAST card of Rosa Luna ended" in found
    assert "covers less than 750,000" in found


@pytest.mark.parametrize(
    ("born", "today", "young"),
    [
        (date(2008, 11, 29), date(2026, 11, 28), True),
        (date(2008, 11, 29), date(2026, 11, 29), False),
        (date(2008, 11, 29), date(2026, 11, 30), False),
        (date(2008, 2, 29), date(2026, 2, 28), True),
        (date(2008, 2, 29), date(2026, 3, 1), False),
    ],
)
def test_a_driver_is_of_age_from_the_birthday_on(
    newcomer: Newcomer, born: date, today: date, young: bool
) -> None:
    driver_of(newcomer.carrier, birth_date=born)
    result = checks.fleet(newcomer.application, today)
    assert any("younger" in finding["text"] for finding in result.findings) is young


def test_vetting_asks_for_no_papers_of_what_left(newcomer: Newcomer) -> None:
    driver, now = driver_of(newcomer.carrier), timezone.now()
    Document.objects.create(
        carrier=newcomer.carrier,
        driver=driver,
        kind="licence",
        number="L-1",
        expires_date=now.date(),
        added_by="user:1",
        added_at=now,
    )
    assert "Document L-1 ended" in findings("documents", newcomer.application)
    upkeep.retire(owner=driver, by=TESTER, at=now)
    assert "Document L-1 ended" not in findings("documents", newcomer.application)


def test_vetting_of_alarms_and_history(newcomer: Newcomer, people: People) -> None:
    (arrival,) = cross([newcomer.carrier])
    Alarm.objects.create(port=arrival.port, kind="clone", arrival=arrival)
    assert "World Trade Bridge" in findings("alerts", newcomer.application)
    assert "1 of 1 crossings went to inspection" in findings("history", newcomer.application)


def test_vetting_knows_the_contact_of_a_removed_carrier(newcomer: Newcomer, people: People) -> None:
    values = {k: v for k, v in PROFILE.items() if k != "version"}
    for carrier, number in ((newcomer.carrier, "12-3456789"), (people.sur, "98-7654321")):
        save_profile(
            carrier=carrier,
            values=values | {"tax_id": number},
            version=0,
            by=TESTER,
            at=timezone.now(),
        )
    Carrier.objects.filter(pk=people.sur.pk).update(state="removed")
    assert "that of SURR, which was removed" in findings("history", newcomer.application)
    assert Profile.objects.count() == 2


def test_an_officer_asks_on_the_page(newcomer: Newcomer) -> None:
    complete(newcomer)
    application = enrolment.submit(
        application=newcomer.application, by=newcomer.user.actor, at=timezone.now()
    )
    client = log_in(make_officer("Olga"))
    page = f"/console/enrolment/applications/{application.public_id}/ask/"
    assert 'href="#field-text"' in client.post(page, {"text": ""}).content.decode()
    assert client.post(page, {"text": "Which yard?"}).status_code == 302
    assert "is not possible from there" in client.post(page, {"text": "And?"}).content.decode()
    assert client.get("/console/enrolment/", {"all": ""}).status_code == 200
    assert client.get("/console/enrolment/carriers/", {"q": "nuev"}).status_code == 200


def test_the_tasks_find_their_work_by_themselves(people: People) -> None:
    upload(people, lines(line(1)))
    ImportJob.objects.update(uploaded_at=timezone.now() - timedelta(minutes=2))
    assert tasks.resume_imports() == 1
    job = ImportJob.objects.get()
    assert job.state == "ready"
    assert tasks.run_import(job.pk) == "ready"
    assert tasks.send_webhooks() == 0
    assert tasks.watch_deadlines()["lapsed"] == 0


def test_a_visit_that_is_near_is_told_once(people: People) -> None:
    SiteVisit.objects.create(
        carrier=people.norte, kind="validation", due_date=timezone.now().date()
    )
    assert deadlines.watch(by=TESTER, at=timezone.now())["visits"] == 1
    assert deadlines.watch(by=TESTER, at=timezone.now())["visits"] == 0
