"""The page of the problem codes names what the code refuses with: no more, no less."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from trustedtruck.core.problem_codes import (
    ProblemCode,
    Unreadable,
    problem_codes,
    scan,
    scan_source,
)
from trustedtruck.core.problems import problem


@pytest.fixture
def listed(client: Client) -> str:
    response = client.get(reverse("problems"))
    assert response.status_code == 200
    return response.content.decode()


def test_every_code_has_a_row_that_its_type_points_at(listed: str) -> None:
    rows = set(re.findall(r'<tr id="([a-z0-9_]+)">', listed))
    assert rows == {item.code for item in problem_codes()}
    for code in rows:
        address, _hash, anchor = problem(400, code, "…")["type"].partition("#")
        assert address == reverse("problems")
        assert anchor in rows


def test_lists_codes_of_every_kind(listed: str) -> None:
    expected = {
        "arrival_unknown": "404",
        "event_id_reused": "409",
        "transition_refused": "409",
        "key_refused": "401",
        "scope_missing": "403",
        "malformed_json": "400",
        "too_large": "413",
        "method_not_allowed": "405",
        "database_unavailable": "503",
        "csrf_failed": "403",
        "internal_error": "500",
    }
    for code, status in expected.items():
        row = re.search(rf'<tr id="{code}">.*?</tr>', listed, re.S)
        assert row is not None, code
        assert f"<td>{status}</td>" in row[0]


def test_no_refusal_hides_its_code_from_the_page() -> None:
    assert [item.place for item in scan() if isinstance(item, Unreadable)] == []


def test_every_code_says_what_it_means(client: Client) -> None:
    for item in problem_codes():
        assert item.text, item.code
        assert item.status >= 400, item.code


def test_meanings_follow_the_language(client: Client) -> None:
    page = client.get(reverse("problems"), headers={"accept-language": "es"}).content.decode()
    assert "No existe ese arribo en este puerto." in page
    assert "There is no such arrival" not in page


def test_reads_the_code_where_it_is_raised() -> None:
    source = """
class Late(Refused):
    def __init__(self, when):
        super().__init__("late", _("Too late: %(when)s.") % {"when": when})

class Small(Refused):
    '''The role is too small.

    More about it.
    '''
    def __init__(self, text):
        super().__init__("small", text)

raise NotFound("gone", _("It is gone."))
raise DomainError("odd", "Odd.", status=HTTPStatus.BAD_REQUEST)
problem(418, "teapot", _("No coffee."))
"""
    assert set(scan_source(source, "here")) == {
        ProblemCode("late", 409, "Too late: %(when)s."),
        ProblemCode("small", 409, "The role is too small."),
        ProblemCode("gone", 404, "It is gone."),
        ProblemCode("odd", 400, "Odd."),
        ProblemCode("teapot", 418, "No coffee."),
    }


def test_a_code_that_is_computed_is_found_out() -> None:
    assert list(scan_source("raise Refused(code, _('Text.'))", "here")) == [Unreadable("here:1")]
