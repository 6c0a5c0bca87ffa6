"""A company begins: its identifiers, and what is odd about them."""

import pytest
from django.utils import timezone

from tests.people import log_in, make_user
from tests.portal.conftest import Newcomer, People, Words
from trustedtruck.audit.models import Event
from trustedtruck.carriers.criteria import criteria_of, newest
from trustedtruck.carriers.models import Application, Carrier

pytestmark = pytest.mark.django_db
COMPANY = {"legal_name": "Nueva", "country": "MX", "kind": "mx_long_haul", "scac": "NUEV"}


def test_the_kind_decides_the_criteria(db: None) -> None:
    client = log_in(make_user("Nadia"))
    client.post("/portal/begin/", COMPANY)
    application = Application.objects.get()
    assert criteria_of(application) is newest("mx_long_haul")


@pytest.mark.parametrize("kind", ["us_highway", "mx_long_haul"])
def test_a_set_has_twelve_categories_of_four_in_both_languages(kind: str) -> None:
    criteria = newest(kind)
    assert [c.number for c in criteria.categories] == list(range(1, 13))
    for category in criteria.categories:
        assert len(category.criteria) >= 4
        assert any(c.must for c in category.criteria)
        for criterion in category.criteria:
            assert criterion.id.partition("-")[2].startswith(f"{category.number}.")
            for words in (criterion.text, criterion.guidance):
                assert words.en
                assert words.es
                assert words.en != words.es


def test_the_two_sets_differ() -> None:
    texts = [{c.text.en for c in newest(k).by_id.values()} for k in ("us_highway", "mx_long_haul")]
    assert len(texts[0] ^ texts[1]) == 24


def test_a_wrong_digit_of_an_rfc_warns_and_does_not_refuse(db: None) -> None:
    client = log_in(make_user("Nadia"))
    answer = client.post("/portal/begin/", COMPANY | {"rfc": "GODE561231GR9"})
    assert answer.status_code == 302
    assert Carrier.objects.get().rfc == "GODE561231GR9"
    shown = client.get("/accounts/2fa/").content.decode()
    assert "RFC:" in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [("scac", "N1"), ("usdot", "12A"), ("rfc", "XX"), ("caat", "TOO-LONG"), ("country", "")],
)
def test_a_wrong_identifier_is_named_beside_its_field(db: None, field: str, value: str) -> None:
    client = log_in(make_user("Nadia"))
    shown = client.post("/portal/begin/", COMPANY | {field: value}).content.decode()
    assert f'href="#field-{field}"' in shown
    assert 'value="Nueva"' in shown
    assert not Carrier.objects.exists()


def test_all_wrong_identifiers_are_named_at_once(db: None) -> None:
    client = log_in(make_user("Nadia"))
    wrong = COMPANY | {"scac": "1", "usdot": "x", "rfc": "y", "caat": "-"}
    shown = client.post("/portal/begin/", wrong).content.decode()
    for field in ("scac", "usdot", "rfc", "caat"):
        assert f'href="#field-{field}"' in shown


def test_an_identifier_of_another_company_is_refused(people: People) -> None:
    client = log_in(make_user("Nadia"))
    shown = client.post("/portal/begin/", COMPANY | {"scac": "NRTE"}).content.decode()
    assert 'href="#field-scac"' in shown
    assert "in use already" in shown


def test_a_member_cannot_begin_another(people: People) -> None:
    assert people.browser("vera").post("/portal/begin/", COMPANY)["Location"] == "/portal/"


IDENTITY = "/portal/company/identity/"


def test_one_sending_names_all_that_is_wrong(newcomer: Newcomer, words: Words) -> None:
    wrong = {
        "legal_name": "",
        "country": "US",
        "scac": "N1",
        "usdot": "12A",
        "rfc": "",
        "caat": "9",
    }
    shown = words(newcomer.client.post(IDENTITY, shown_identity(newcomer) | wrong))
    for field in ("legal_name", "scac", "usdot", "caat"):
        assert f'href="#field-{field}"' in shown


def shown_identity(newcomer: Newcomer) -> dict[str, str]:
    """The form as a browser holds it, the hidden field too."""
    form = newcomer.client.get(IDENTITY).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def test_a_slip_is_corrected_as_long_as_the_application_is_with_the_carrier(
    newcomer: Newcomer, words: Words
) -> None:
    assert 'value="NUEV"' in words(newcomer.client.get(IDENTITY))
    typed = {"legal_name": "Nueva SA", "country": "US", "scac": "NUEW", "usdot": "", "rfc": ""}
    sent = shown_identity(newcomer) | typed
    assert newcomer.client.post(IDENTITY, sent)["Location"] == "/portal/company/"
    newcomer.carrier.refresh_from_db()
    assert (newcomer.carrier.legal_name, newcomer.carrier.scac) == ("Nueva SA", "NUEW")
    assert newcomer.carrier.usdot is None
    event = Event.objects.get(action="carrier.corrected")
    assert event.data["before"] == {"legal_name": "Nueva", "scac": "NUEV", "usdot": "1234567"}


def test_a_corrected_number_of_another_company_is_refused(
    newcomer: Newcomer, people: People, words: Words
) -> None:
    typed = shown_identity(newcomer) | {"scac": "NRTE", "usdot": "12A"}
    assert 'href="#field-usdot"' in words(newcomer.client.post(IDENTITY, typed))
    shown = words(newcomer.client.post(IDENTITY, typed | {"usdot": ""}))
    assert 'href="#field-scac"' in shown
    newcomer.carrier.refresh_from_db()
    assert newcomer.carrier.scac == "NUEV"


def test_of_two_administrators_the_second_is_told_and_overwrites_nothing(
    newcomer: Newcomer, words: Words
) -> None:
    first, second = shown_identity(newcomer), shown_identity(newcomer)
    newcomer.client.post(IDENTITY, first | {"legal_name": "Nueva del Norte", "usdot": "7654321"})
    typed = second | {"legal_name": "Nueva del Sur"}
    refused = newcomer.client.post(IDENTITY, typed)
    shown = words(refused)
    assert "saved this in the meantime" in shown
    assert 'value="Nueva del Sur"' in shown, "what was typed is still there"
    assert "Nueva del Norte" in shown, "and so is what the other saved"
    assert "7654321" in shown
    newcomer.carrier.refresh_from_db()
    assert (newcomer.carrier.legal_name, newcomer.carrier.usdot) == ("Nueva del Norte", "7654321")
    # Having seen it, the second may save.
    seen = str(refused.context["form"]["seen"].value())
    newcomer.client.post(IDENTITY, typed | {"usdot": "7654321", "seen": seen})
    newcomer.carrier.refresh_from_db()
    assert newcomer.carrier.legal_name == "Nueva del Sur"


def test_a_form_sent_twice_is_no_conflict(newcomer: Newcomer) -> None:
    typed = shown_identity(newcomer) | {"legal_name": "Nueva SA"}
    for _time in range(2):
        assert newcomer.client.post(IDENTITY, typed)["Location"] == "/portal/company/"


def test_nothing_is_corrected_once_the_officers_have_it(newcomer: Newcomer, words: Words) -> None:
    Application.objects.update(
        state="submitted", submitted_by="user:1", submitted_at=timezone.now()
    )
    typed = {"legal_name": "Otra", "country": "US", "scac": "OTRA"}
    shown = words(newcomer.client.post("/portal/company/identity/", typed))
    assert "with the officers now" in shown
    assert 'value="OTRA"' in shown
    assert "Correct name" not in words(newcomer.client.get("/portal/company/"))


def test_a_viewer_corrects_nothing(people: People) -> None:
    assert people.browser("vera").get("/portal/company/identity/").status_code == 403
    assert people.browser("marta").get("/portal/company/identity/").status_code == 404
