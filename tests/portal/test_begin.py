"""A company begins: its identifiers, and what is odd about them."""

import pytest

from tests.people import log_in, make_user
from tests.portal.conftest import People
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
