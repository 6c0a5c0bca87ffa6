"""Who sees what: every page of the portal and of enrolment review, against every role."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lanes.models import Assignment
from tests.cast import TESTER, TRIP, file_trip, good_vin, make_port, tag
from tests.people import log_in, make_officer, make_user
from tests.portal.conftest import People
from tests.portal.crossings import cross
from trustedtruck.accounts.roles import Role
from trustedtruck.carriers.models import ImportJob
from trustedtruck.carriers.services import NewDriver, NewTruck, add_drivers, add_trucks
from trustedtruck.console.enrolment.urls import urlpatterns as review_urls
from trustedtruck.credentials.services import issue_credentials
from trustedtruck.enrolment.services import standing
from trustedtruck.manifests.models import Submission
from trustedtruck.manifests.services import intake
from trustedtruck.portal.routes import urlpatterns as portal_urls

pytestmark = pytest.mark.django_db
ALL = ("marta", "flor", "vera")
EDITORS = ("marta", "flor")
ADMINISTRATORS = ("marta",)
# page -> who is shown it; the others get 403 with a sentence. What only takes a POST is below.
READS: dict[str, tuple[str, tuple[str, ...]]] = {
    "home": ("", ALL),
    "notices": ("notices/", ALL),
    "company": ("company/", ALL),
    "people": ("people/", ALL),
    "application": ("application/", ALL),
    "fleet": ("fleet/trucks/", ALL),
    "fleet-add": ("fleet/trucks/add/", EDITORS),
    "fleet-entry": ("fleet/trucks/{truck}/", ALL),
    "tag": ("trucks/{truck}/tag/", EDITORS),
    "documents": ("documents/", ALL),
    "insurance": ("insurance/", ALL),
    "import-upload": ("import/trucks/", EDITORS),
    "import-template": ("import/trucks/template.csv", ALL),
    "import": ("imports/{job}/", ALL),
    "export": ("export/", ALL),
    "credentials": ("credentials/", ALL),
    "credential": ("credentials/{credential}/", ALL),
    "credential-file": ("credentials/{credential}/qr.png", ALL),
    "cards": ("credentials/cards.zip", ALL),
    "crossings": ("crossings/", ALL),
    "trips": ("manifests/", ALL),
    "trip": ("manifests/{trip}/", ALL),
    "trip-new": ("manifests/new/", EDITORS),
    "trip-upload": ("manifests/upload/", EDITORS),
    "trip-message": ("manifests/messages/{message}/", ALL),
    "trip-cover": ("manifests/{trip}/cover.pdf", ALL),
    "crossing": ("crossings/{crossing}/", ALL),
    "standing": ("standing/", ALL),
    "plan": ("standing/measures/{measure}/plan/", ADMINISTRATORS),
    "appeal": ("standing/appeal/measure/{measure}/", ADMINISTRATORS),
    "integration": ("integration/", ADMINISTRATORS),
    "svi": ("svi/", ALL),
}
WRITES: dict[str, tuple[str, tuple[str, ...]]] = {
    "notices-read": ("notices/read/", ALL),
    "preferences": ("notices/preferences/", ALL),
    "role": ("people/0/role/", ADMINISTRATORS),
    "remove-member": ("people/0/remove/", ADMINISTRATORS),
    "withdraw": ("people/invitations/0/withdraw/", ADMINISTRATORS),
    "submit": ("application/submit/", ADMINISTRATORS),
    "reopen": ("application/reopen/", ADMINISTRATORS),
    "inform": ("application/information/0/", ADMINISTRATORS),
    "category": ("application/1/", ADMINISTRATORS),
    "evidence-remove": ("evidence/{nothing}/remove/", ADMINISTRATORS),
    "fleet-retire": ("fleet/trucks/{nothing}/retire/", EDITORS),
    "document-add": ("fleet/trucks/{nothing}/documents/", EDITORS),
    "document-remove": ("documents/{nothing}/remove/", EDITORS),
    "insurance-remove": ("insurance/{nothing}/remove/", EDITORS),
    "import-confirm": ("imports/{nothing}/confirm/", EDITORS),
    "import-drop": ("imports/{nothing}/drop/", EDITORS),
    "credentials-issue": ("credentials/issue/", EDITORS),
    "wallet-offer": ("credentials/{nothing}/wallet/", EDITORS),
    "action-done": ("standing/actions/0/done/", ADMINISTRATORS),
    "key-add": ("integration/keys/", ADMINISTRATORS),
    "key-end": ("integration/keys/000000000000/end/", ADMINISTRATORS),
    "webhook-add": ("integration/webhooks/", ADMINISTRATORS),
    "webhook-test": ("integration/webhooks/test/", ADMINISTRATORS),
    "webhook-end": ("integration/webhooks/{nothing}/end/", ADMINISTRATORS),
    "replay": ("integration/deliveries/0/replay/", ADMINISTRATORS),
    "trip-cancel": ("manifests/NOSUCHTRIP/cancel/", EDITORS),
    "svi-consent": ("svi/consent/", ADMINISTRATORS),
}
# Tested elsewhere: they need no carrier, or something that only their own tests make.
ELSEWHERE = {"begin", "invitation", "identity", "evidence", "certificate", "document-file"}


@dataclass
class Scene:
    people: People
    ids: dict[str, Any]

    def path(self, page: str) -> str:
        return "/portal/" + page.format(**self.ids)


@pytest.fixture
def scene(people: People) -> Scene:
    now = timezone.now()
    (truck,) = add_trucks(
        carrier=people.norte,
        trucks=[NewTruck("N1", good_vin(1), "NPL81", "TX", tag(1))],
        by=TESTER,
        at=now,
    )
    (credential,) = issue_credentials([truck], by=TESTER, at=now)
    (driver,) = add_drivers(
        carrier=people.norte,
        drivers=[NewDriver("Noel", "Paz", date(1985, 3, 2), "MX")],
        by=TESTER,
        at=now,
    )
    file_trip(people.norte, truck, driver)
    sender = intake.Sender(TESTER, carrier=people.norte)
    message, _repeated = intake.file(
        kind=Submission.Kind.JSON, body=b"{}", options={}, sender=sender, at=now
    )
    cross([people.norte])
    measure = standing.impose(
        carrier=people.norte,
        grade="warning",
        reasons="A seal was missing.",
        ends_date=None,
        by=people.olga.actor,
        at=now,
    )
    job = ImportJob.objects.create(
        carrier=people.norte,
        kind="trucks",
        state="done",
        file_name="f.csv",
        rows=[],
        total=1,
        done=1,
        uploaded_by="user:0",
        uploaded_at=now - timedelta(minutes=5),
    )
    ids = {
        "truck": truck.public_id,
        "credential": credential.public_id,
        "measure": measure.public_id,
        "job": job.public_id,
        "trip": TRIP,
        "message": message.public_id,
        "crossing": Assignment.objects.get().pk,
        "nothing": uuid.uuid4(),
    }
    return Scene(people, ids)


def test_the_matrix_names_every_page() -> None:
    assert {str(p.name) for p in portal_urls} == READS.keys() | WRITES.keys() | ELSEWHERE


@pytest.mark.parametrize("name", ALL)
def test_what_a_member_is_shown(scene: Scene, name: str) -> None:
    client = scene.people.browser(name)
    seen = {page: client.get(scene.path(path)).status_code for page, (path, _who) in READS.items()}
    assert seen == {page: 200 if name in who else 403 for page, (_path, who) in READS.items()}


@pytest.mark.parametrize("name", ALL)
def test_what_a_member_may_change(scene: Scene, name: str) -> None:
    """A role that may not is stopped before anything is looked up: 403 even where nothing is."""
    client = scene.people.browser(name)
    refused = {
        page: client.post(scene.path(path)).status_code == 403
        for page, (path, _who) in WRITES.items()
    }
    assert refused == {page: name not in who for page, (_path, who) in WRITES.items()}


def test_another_carrier_sees_nothing_of_it(scene: Scene) -> None:
    client = scene.people.browser("sonia")
    ours = {page: path for page, (path, _who) in READS.items() if "{" in path}
    seen = {page: client.get(scene.path(path)).status_code for page, path in ours.items()}
    assert seen == dict.fromkeys(ours, 404)
    for page in ("", "fleet/trucks/", "credentials/", "notices/", "people/"):
        text = client.get(f"/portal/{page}").content.decode()
        assert "Norte" not in text
        assert "NPL81" not in text


def test_a_stranger_is_asked_to_sign_in(scene: Scene) -> None:
    for path, _who in [*READS.values(), *WRITES.values()]:
        answer = Client().get(scene.path(path))
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")


def test_a_person_without_a_carrier_begins_one(db: None) -> None:
    answer = log_in(make_user("Nadia")).get("/portal/fleet/trucks/")
    assert (answer.status_code, answer["Location"]) == (302, "/portal/begin/")


def test_an_officer_has_no_carrier(people: People) -> None:
    answer = people.browser("olga").get("/portal/", follow=True)
    assert "You are an officer" in answer.content.decode()


READERS = {Role.ENROLMENT_OFFICER, Role.SUPERVISOR, Role.AUDITOR}


@pytest.mark.parametrize("role", list(Role))
def test_which_officer_sees_applications(db: None, role: Role) -> None:
    make_port()
    client = log_in(make_officer("Oscar", role))
    expected = 200 if role in READERS else 403
    for page in ("", "carriers/"):
        assert client.get(f"/console/enrolment/{page}").status_code == expected


@pytest.mark.parametrize("role", list(Role))
def test_which_officer_may_decide(people: People, role: Role) -> None:
    client = log_in(make_officer("Oscar", role))
    nothing = uuid.uuid4()
    writes = [
        str(p.pattern).replace("<uuid:public_id>", str(nothing)).replace("<int:pk>", "0")
        for p in review_urls
        if p.name in {"ask", "advise", "decide", "impose", "visit", "lift", "plan", "appeal"}
    ]
    expected = 404 if role == Role.ENROLMENT_OFFICER else 403
    assert len(writes) == 8
    for path in writes:
        assert client.post(f"/console/enrolment/{path}").status_code == expected


def test_members_do_not_see_the_officers_pages(people: People) -> None:
    for name in ALL:
        assert people.browser(name).get("/console/enrolment/").status_code == 403
