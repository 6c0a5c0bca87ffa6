"""Members, invitations, look-up of partners, notices."""

import re
import threading
import uuid

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from tests.cast import TESTER
from tests.people import log_in, make_member, make_user
from tests.portal.conftest import PROFILE, Newcomer, People
from trustedtruck.accounts.tasks import send_mail
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Carrier, Invitation, Membership, Profile
from trustedtruck.carriers.services import members
from trustedtruck.carriers.services.notify import tell
from trustedtruck.carriers.services.profile import save_profile
from trustedtruck.carriers.tasks import mail_notice
from trustedtruck.core import work
from trustedtruck.core.errors import Refused

pytestmark = pytest.mark.django_db


def invite(people: People, email: str = "nadia@example.org", role: str = "fleet") -> str:
    return members.invite(
        carrier=people.norte,
        email=email,
        role=role,
        language="es",
        by=people.marta.user.actor,
        at=timezone.now(),
    )


def test_the_invitation_goes_out_in_the_language_of_the_page(
    people: People, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    sent: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(work, "_publish", lambda task, given: sent.append((task, given)))
    client = people.browser("marta")
    client.cookies["django_language"] = "es"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post("/portal/people/", {"email": "Nadia@Example.org", "role": "viewer"})
    ((task, given),) = sent
    assert task == "trustedtruck.accounts.tasks.send_mail"
    send_mail(**given)  # type: ignore[arg-type]
    assert mail.outbox[0].to == ["nadia@example.org"]
    assert "Norte" in mail.outbox[0].subject
    link = re.search(r"/portal/invitation/([\w-]+)/", str(mail.outbox[0].body))
    assert link is not None
    nadia = log_in(make_user("Nadia"))
    assert nadia.get(link[0]).status_code == 200
    assert nadia.post(link[0])["Location"] == "/portal/"
    assert Membership.objects.get(user__username="nadia").role == "viewer"


def test_an_invitation_is_for_its_address_alone(people: People) -> None:
    token = invite(people)
    answer = log_in(make_user("Pedro")).post(f"/portal/invitation/{token}/")
    assert answer.status_code == 409
    assert "for another address" in answer.content.decode()


def test_an_invitation_is_used_once(people: People) -> None:
    token = invite(people)
    client = log_in(make_user("Nadia"))
    client.post(f"/portal/invitation/{token}/")
    assert client.get(f"/portal/invitation/{token}/").status_code == 404


def test_an_invitation_ends(people: People) -> None:
    token = invite(people)
    Invitation.objects.update(expires_at=timezone.now())
    assert log_in(make_user("Nadia")).post(f"/portal/invitation/{token}/").status_code == 404


def test_an_invitation_can_be_withdrawn(people: People) -> None:
    token = invite(people)
    pk = Invitation.objects.get().pk
    people.browser("marta").post(f"/portal/people/invitations/{pk}/withdraw/")
    assert log_in(make_user("Nadia")).post(f"/portal/invitation/{token}/").status_code == 404


def test_an_invitation_is_not_withdrawn_after_it_was_accepted(people: People) -> None:
    token = invite(people)
    page = f"/portal/people/invitations/{Invitation.objects.get().pk}/withdraw/"
    log_in(make_user("Nadia")).post(f"/portal/invitation/{token}/")
    shown = people.browser("marta").post(page, follow=True).content.decode()
    assert "accepted or withdrawn already" in shown
    assert not Event.objects.filter(action="member.invitation_withdrawn").exists()


def test_our_mail_is_not_for_molesting(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "INVITATIONS_PER_DAY", 2)
    marta, shown = people.browser("marta"), ""
    for name in ("eins", "zwei", "drei"):
        values = {"email": f"{name}@example.org", "role": "viewer"}
        shown = marta.post("/portal/people/", values, follow=True).content.decode()
    assert "fifty invitations today" in shown
    assert Invitation.objects.count() == 2


def test_a_guessed_invitation(people: People) -> None:
    assert log_in(make_user("Nadia")).get("/portal/invitation/guess/").status_code == 404


def test_a_member_of_one_carrier_does_not_join_another(people: People) -> None:
    token = invite(people, people.sonia.user.email)
    answer = people.browser("sonia").post(f"/portal/invitation/{token}/")
    assert answer.status_code == 409
    assert Membership.objects.get(user=people.sonia.user).carrier == people.sur


def test_an_officer_does_not_join(people: People) -> None:
    token = invite(people, people.olga.email)
    assert people.browser("olga").post(f"/portal/invitation/{token}/").status_code == 409


def test_a_member_is_not_invited_again(people: People) -> None:
    page = people.browser("marta").post(
        "/portal/people/", {"email": people.vera.user.email, "role": "fleet"}
    )
    assert "is a member already" in page.content.decode()


@pytest.mark.parametrize("act", ["remove", "role"])
def test_the_last_administrator_stays(people: People, act: str) -> None:
    page = f"/portal/people/{people.marta.pk}/{act}/"
    shown = people.browser("marta").post(page, {"role": "viewer"}, follow=True).content.decode()
    assert "at least one administrator" in shown
    assert Membership.objects.get(pk=people.marta.pk).role == "administrator"


def test_a_second_administrator_lets_the_first_go(people: People) -> None:
    client = people.browser("marta")
    client.post(f"/portal/people/{people.flor.pk}/role/", {"role": "administrator"})
    client.post(f"/portal/people/{people.marta.pk}/remove/")
    assert not Membership.objects.filter(pk=people.marta.pk).exists()


def test_another_carriers_member_cannot_be_touched(people: People) -> None:
    client = people.browser("sonia")
    page = f"/portal/people/{people.vera.pk}/"
    assert client.post(page + "role/", {"role": "administrator"}).status_code == 404
    assert client.post(page + "remove/").status_code == 404


def give_profile(carrier: Carrier, tax_id: str, *, consent: bool = True) -> Profile:
    profile = save_profile(
        carrier=carrier,
        values={k: v for k, v in PROFILE.items() if k != "version"} | {"tax_id": tax_id},
        version=0,
        by=TESTER,
        at=timezone.now(),
    )
    profile.svi_number, profile.svi_consent = uuid.uuid4(), consent
    profile.save()
    return profile


def test_a_partner_is_found_by_its_number(people: People) -> None:
    give_profile(people.norte, "12-3456789")
    partner = give_profile(people.sur, "98-7654321")
    shown = people.browser("vera").post("/portal/svi/", {"number": str(partner.svi_number)})
    assert "SURR" in shown.content.decode()
    assert Event.objects.filter(action="svi.looked_up").count() == 1


@pytest.mark.parametrize("case", ["unknown", "no number", "no consent", "not certified"])
def test_everything_else_looks_alike(people: People, case: str) -> None:
    give_profile(people.norte, "12-3456789")
    partner = give_profile(people.sur, "98-7654321", consent=case != "no consent")
    if case == "not certified":
        Carrier.objects.filter(pk=people.sur.pk).update(state="suspended")
    number = {"unknown": str(uuid.uuid4()), "no number": "SURR"}.get(case, str(partner.svi_number))
    shown = people.browser("vera").post("/portal/svi/", {"number": number}).content.decode()
    assert "Partner ID not found" in shown
    assert "Certified since" not in shown
    assert Event.objects.filter(action="svi.looked_up").count() == 1


def test_only_who_consents_may_look(people: People) -> None:
    give_profile(people.norte, "12-3456789", consent=False)
    partner = give_profile(people.sur, "98-7654321")
    shown = people.browser("vera").post("/portal/svi/", {"number": str(partner.svi_number)})
    assert "Only certified members that consent" in shown.content.decode()


def test_look_ups_are_counted(people: People) -> None:
    give_profile(people.norte, "12-3456789")
    client = people.browser("vera")
    answers = [client.post("/portal/svi/", {"number": "x"}).status_code for _n in range(21)]
    assert answers == [200] * 20 + [429]


def test_consent_needs_a_profile(people: People) -> None:
    shown = people.browser("marta").post("/portal/svi/consent/", {"consent": "on"}, follow=True)
    assert "Fill in the company profile first" in shown.content.decode()


def test_the_title_of_a_notice_says_the_tier(people: People) -> None:
    tell("tier_changed", carrier=people.norte, at=timezone.now(), tier=2, reasons="A seal.")
    for page in ("/portal/", "/portal/notices/"):
        assert "Your tier is now 2" in people.browser("marta").get(page).content.decode()


def test_a_notice_is_mailed_to_those_who_want_it_in_their_language(people: People) -> None:
    people.flor.user.language = "es"
    people.flor.user.save()
    client = people.browser("vera")
    client.post("/portal/notices/preferences/", {"topics": ["fleet"]})
    notice = tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    assert mail_notice(notice.pk) == 2
    assert mail_notice(-1) == 0
    shown = client.get("/portal/notices/").content.decode()
    assert "A site visit is due" in shown
    assert "An officer will visit your site by 1 Jan 2027." in shown
    client.post("/portal/notices/read/")
    assert "usa-tag" not in client.get("/portal/notices/").content.decode()


def test_nobody_else_reads_the_notices(people: People, newcomer: Newcomer) -> None:
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    assert "2027-01-01" not in people.browser("sonia").get("/portal/notices/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_leave_one(people: People) -> None:
    """Both press the button in the same moment; the carrier's row lets one go first."""
    other = make_member("Mario", people.norte, "administrator")
    results: list[str] = []
    start = threading.Barrier(2)

    def remove(member: Membership) -> None:
        start.wait()
        try:
            members.remove_member(member=member, by=TESTER, at=timezone.now())
            results.append("removed")
        except Refused as refusal:
            results.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=remove, args=[m]) for m in (people.marta, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["last_administrator", "removed"]
