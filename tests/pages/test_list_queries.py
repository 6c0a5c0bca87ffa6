"""No page asks the database more often because there is more to list.

Every page of the portal and of the console is fetched with two rows of everything, then with two
dozen; a page that asks more often the second time has a query inside a loop.
"""

import json
import secrets
from datetime import date, timedelta
from typing import Any, TypedDict

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lanes.models import Alarm, Arrival
from lanes.queries import port as kept
from tests.cast import PORT, TESTER, file_trip, good_vin, make_carrier, make_device, tag
from tests.console.conftest import Staff, staff  # noqa: F401
from tests.people import log_in, make_member, make_officer, make_user
from trustedtruck.accounts.roles import Role, Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import (
    Appeal,
    Application,
    Carrier,
    CorrectiveAction,
    CorrectivePlan,
    Document,
    ImportJob,
    Insurance,
    Invitation,
    Measure,
    SiteVisit,
    WebhookDelivery,
    WebhookEndpoint,
)
from trustedtruck.carriers.services import (
    NewDriver,
    NewTrailer,
    NewTruck,
    add_drivers,
    add_trailers,
    add_trucks,
    notify,
)
from trustedtruck.carriers.services.enrolment import begin_enrolment
from trustedtruck.console.enrolment.urls import urlpatterns as review_pages
from trustedtruck.console.urls import app_pages
from trustedtruck.credentials.services import issue_credentials
from trustedtruck.manifests.models import Submission
from trustedtruck.manifests.services import intake
from trustedtruck.portal.routes import urlpatterns as portal_pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
# The addresses of one thing are filled with the first that there is.
FEW, MORE = 2, 22


class _Each(TypedDict):
    carrier: Carrier
    by: Actor


class Port:
    """Norte at a port, with more and more of everything."""

    def __init__(self, staff: Staff) -> None:  # noqa: F811
        self.staff, self.carrier, self.count = staff, staff.cast.norte, 0
        self.marta = make_member("Marta", self.carrier, "administrator")
        officer = make_officer("Everything", ports=[PORT])
        officer.roles = list(Role)
        officer.save()
        self.officer = officer

    def add(self, count: int) -> None:
        for _ in range(count):
            self.count += 1
            self._fleet(self.count)
            self._papers(self.count)
            self._people(self.count)
            self._standing(self.count)
            self._border(self.count)

    def _fleet(self, n: int) -> None:
        now, each = timezone.now(), _Each(carrier=self.carrier, by=TESTER)
        trucks = [NewTruck(f"Q{n}", good_vin(500 + n), f"QPL{n}", "TX", tag(500 + n))]
        (truck,) = add_trucks(trucks=trucks, at=now, **each)
        (trailer,) = add_trailers(trailers=[NewTrailer(f"R{n}", f"RPL{n}", "TX")], at=now, **each)
        new = NewDriver("Noel", f"Paz {n}", date(1985, 3, 2), "MX")
        (driver,) = add_drivers(drivers=[new], at=now, **each)
        issue_credentials([truck, trailer, driver], by=TESTER, at=now)
        owners: list[dict[str, Any]] = [
            {"truck": truck, "kind": "inspection"},
            {"trailer": trailer, "kind": "registration"},
            {"driver": driver, "kind": "licence"},
        ]
        for owner in owners:
            Document.objects.create(
                **owner,
                carrier=self.carrier,
                number=f"D{n}",
                expires_date=now.date() + timedelta(days=10),
                added_by="user:1",
                added_at=now,
            )

    def _papers(self, n: int) -> None:
        now = timezone.now()
        Insurance.objects.create(
            carrier=self.carrier,
            insurer="Norte",
            policy_number=f"P{n}",
            liability_usd=1_000_000,
            starts_date=now.date(),
            expires_date=now.date() + timedelta(days=20),
            added_by="user:1",
            added_at=now,
        )
        ImportJob.objects.create(
            carrier=self.carrier,
            kind="trucks",
            state="done",
            file_name=f"{n}.csv",
            rows=[],
            total=1,
            done=1,
            uploaded_by="user:1",
            uploaded_at=now,
        )
        notify.tell("webhook_test", carrier=self.carrier, at=now)
        issue_key(scopes=[Scope.MANIFESTS_WRITE], by=TESTER, at=now, carrier_id=self.carrier.pk)
        endpoint = WebhookEndpoint.objects.create(
            carrier=self.carrier,
            url=f"https://example.org/{n}",
            topics=["fleet"],
            sealed_secret="x",
            added_by="user:1",
            added_at=now,
        )
        WebhookDelivery.objects.create(
            endpoint=endpoint,
            message_id=f"msg_{n}",
            topic="fleet",
            body="{}",
            state="delivered",
            created_at=now,
        )

    def _people(self, n: int) -> None:
        now = timezone.now()
        make_member(f"Viewer{n}", self.carrier, "viewer")
        Invitation.objects.create(
            carrier=self.carrier,
            email=f"guest{n}@example.org",
            role="viewer",
            token_sha256=secrets.token_bytes(32),
            invited_by="user:1",
            invited_at=now,
            expires_at=now + timedelta(days=7),
        )
        make_officer(f"Officer{n}", Role.INSPECTOR, ports=[PORT])
        make_device(code=f"more-{n}")

    def _standing(self, n: int) -> None:
        now, day = timezone.now(), timezone.now().date()
        SiteVisit.objects.create(
            carrier=self.carrier,
            kind="revalidation",
            due_date=day,
            visited_date=day,
            outcome="passed",
            report="In order.",
            findings=[{"criterion": "US-1.1", "text": "Signed."}],
            reported_by="user:1",
            reported_at=now,
        )
        measure = Measure.objects.create(
            carrier=self.carrier,
            grade="warning",
            state="in_force",
            reasons="A seal.",
            imposed_by="user:1",
            imposed_at=now,
        )
        plan = CorrectivePlan.objects.create(
            measure=measure,
            state="filed",
            cause="Haste.",
            consents_to_visits=True,
            filed_by="user:1",
            filed_at=now,
        )
        CorrectiveAction.objects.create(plan=plan, text="Check twice.", due_date=day)
        Appeal.objects.create(
            carrier=self.carrier,
            against="measure",
            subject_id=str(measure.public_id),
            contested_by="user:1",
            state="filed",
            text="It was whole.",
            filed_by="user:2",
            filed_at=now,
        )
        letters = "".join(chr(65 + (n // 26**place) % 26) for place in (2, 1, 0))
        make_carrier(f"Z{letters}", f"Otra {letters}")
        applicant = begin_enrolment(
            user=make_user(f"Applicant{n}"),
            legal_name=f"Nueva {letters}",
            country="US",
            kind="us_highway",
            identifiers={"scac": f"Y{letters}"},
            by=TESTER,
            at=now,
        )
        Application.objects.filter(carrier=applicant.carrier).update(
            state="submitted",
            submitted_by="user:1",
            submitted_at=now,
            answer_due_at=now + timedelta(days=90),
        )

    def _border(self, n: int) -> None:
        cast = self.staff.cast
        file_trip(
            cast.norte, cast.truck, cast.rosa, trip_number=f"NRTE2026Q{n:03d}", seals=(f"S{n}",)
        )
        body = json.dumps({"trip_number": f"NRTE2026Q{n:03d}"}).encode()
        sender = intake.Sender(Actor("user", "1"), carrier=cast.norte)
        row, _ = intake.file(
            kind=Submission.Kind.JSON,
            body=body,
            options={},
            sender=sender,
            at=timezone.now(),
        )
        intake.work_off(row.pk, at=timezone.now())
        arrival = self.staff.truck(trip_number=f"NRTE2026Q{n:03d}", seals=[f"S{n}"])
        Alarm.objects.create(port=cast.port, kind="alert", arrival_id=arrival)

    @property
    def known(self) -> dict[str, str]:
        return {
            "number": "1",
            "code": PORT,
            "lane": "01",
            "version": "1",
            "trip_number": "NRTE2026Q001",
            "arrival_id": str(Arrival.objects.order_by("received_at")[0].pk),
        }


def _paths(port: Port) -> dict[str, list[str]]:
    """The pages that a GET shows, for the two browsers: with every kind of fleet."""
    portal = []
    for page in portal_pages:
        for kind in ("trucks", "trailers", "drivers"):
            path = _filled("/portal/" + str(page.pattern), port.known | {"kind": kind})
            if path:
                portal.append(path)
    console = [_filled("/console/" + str(page.pattern), port.known) for page in app_pages]
    console += [_filled("/console/enrolment/" + str(p.pattern), port.known) for p in review_pages]
    return {
        "portal": sorted(set(portal)),
        "console": sorted({path for path in console if path}),
    }


def _filled(path: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        for kind in ("str", "int", "uuid"):
            path = path.replace(f"<{kind}:{name}>", value)
    return "" if "<" in path else path


def _asked(client: Client, paths: list[str]) -> dict[str, int]:
    """How often each page that a GET shows asks the database, once it is warm."""
    found = {}
    for path in paths:
        if client.get(path).status_code != 200:
            continue
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        found[path] = len(queries)
    return found


def test_no_page_asks_more_because_there_is_more_to_list(
    staff: Staff,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "KEPT_SECONDS", 600.0)  # how slow the machine is changes nothing
    port = Port(staff)
    browsers = {"portal": log_in(port.marta.user), "console": log_in(port.officer)}
    port.add(FEW)
    paths = _paths(port)
    few = {name: _asked(client, paths[name]) for name, client in browsers.items()}
    port.add(MORE)
    kept.forget()
    many = {name: _asked(client, paths[name]) for name, client in browsers.items()}
    for name, least in (("portal", 20), ("console", 15)):
        assert len(few[name]) >= least
        assert few[name].keys() == many[name].keys()
        grown = {
            path: (few[name][path], asked)
            for path, asked in many[name].items()
            if asked > few[name][path]
        }
        assert grown == {}
