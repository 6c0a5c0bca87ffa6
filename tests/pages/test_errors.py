"""Whatever comes in, a browser gets a page, a machine a problem, and nobody a 5xx of his making."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from trustedtruck import urls

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def fails(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("broken/", fails(RuntimeError("broken"))),
    path("api/broken/", fails(RuntimeError("broken"))),
    path("away/", fails(OperationalError("away"))),
    path("api/away/", fails(OperationalError("away"))),
    *urls.urlpatterns,
]


@pytest.fixture
def patient(settings: Settings) -> Client:
    """A client that sees what a browser would, in a product with views that fail."""
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def assert_page(response: Any, status: int, words: str) -> None:
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    page = response.content.decode()
    assert words in page
    assert '<main id="main-content"' in page


def assert_problem(response: Any, status: int, code: str) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["code"] == code
    assert body["status"] == status


def test_an_unknown_address_is_a_page_or_a_problem(client: Client) -> None:
    assert_page(client.get("/nowhere/"), 404, "There is nothing here that you may see.")
    assert_problem(client.get("/api/v1/nowhere/"), 404, "not_found")
    assert_problem(client.get("/.well-known/nothing"), 404, "not_found")


@pytest.mark.parametrize(
    "asked", [{"accept": "application/json"}, {"accept": "application/problem+json, */*;q=0.1"}]
)
def test_a_machine_gets_a_problem_wherever_it_asks(client: Client, asked: dict[str, str]) -> None:
    assert_problem(client.get("/nowhere/", headers=asked), 404, "not_found")
    assert_problem(client.post("/nowhere/", {}, content_type="application/json"), 404, "not_found")
    assert_page(client.get("/nowhere/", headers={"accept": "*/*"}), 404, "nothing here")


def test_errors_speak_the_language_of_the_reader(client: Client) -> None:
    spanish = {"accept-language": "es"}
    assert_page(client.get("/nowhere/", headers=spanish), 404, "Aquí no hay nada")
    body = client.get("/api/v1/nowhere/", headers=spanish).json()
    assert body["title"] == "No encontrado"
    assert body["detail"] == "Aquí no hay nada que usted pueda ver."


def test_a_host_that_is_not_ours(client: Client) -> None:
    elsewhere = {"host": "elsewhere.example"}
    assert_page(client.get("/", headers=elsewhere), 400, "not one that this server can read")
    assert_problem(client.get("/api/v1/arrivals/", headers=elsewhere), 400, "bad_request")


@pytest.mark.parametrize("address", ["/%00", "/?page=%00", "/i18n/setlang/?next=a%00b"])
def test_a_nul_in_the_address(client: Client, address: str) -> None:
    assert_page(client.get(address), 400, "not one that this server can read")
    assert_problem(client.get(f"/api{address}"), 400, "bad_request")


def test_a_nul_in_a_cookie(client: Client) -> None:
    cookie = {"cookie": r'sessionid="\000\000\000\000\000\000\000\000"'}
    assert_page(client.get("/", headers=cookie), 400, "not one that this server can read")


def test_what_is_only_sent_to_says_so_when_it_is_opened(client: Client) -> None:
    address = reverse("vci-token")
    assert_page(client.get(address), 405, "This address takes no such request.")
    asked = client.get(address, headers={"accept": "application/json"})
    assert_problem(asked, 405, "method_not_allowed")
    assert asked["Allow"] == "POST"


def test_a_form_without_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("set_language"), {"language": "es"})
    assert_page(response, 403, "This form is too old")


def test_a_body_that_is_too_large(client: Client, settings: Settings) -> None:
    body = "next=" + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    response = client.post(
        reverse("set_language"), body, content_type="application/x-www-form-urlencoded"
    )
    assert_page(response, 413, "larger than this address accepts")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"broken", "multipart/form-data"),
        (b"--x--", "multipart/form-data; boundary=x; charset=no-such"),
    ],
)
def test_a_form_that_cannot_be_read(client: Client, body: bytes, kind: str) -> None:
    response = client.generic("POST", reverse("set_language"), body, content_type=kind)
    assert response.status_code < 500


def test_a_failure_of_ours(patient: Client) -> None:
    assert_page(patient.get("/broken/"), 500, "Something went wrong on our side.")
    assert_problem(patient.get("/api/broken/"), 500, "internal_error")


def test_a_database_that_is_away_may_be_asked_again(patient: Client) -> None:
    response = patient.get("/away/")
    assert_page(response, 503, "The database does not answer.")
    assert response["Retry-After"] == "1"
    assert_problem(patient.get("/api/away/"), 503, "database_unavailable")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_no_address_gives_a_5xx(place: bytes, query: bytes) -> None:
    client = Client(raise_request_exception=False)
    for start in ("/", "/api/", "/api/docs/"):
        address = f"{start}{quote_from_bytes(place)}?{quote_from_bytes(query, safe='=&')}"
        assert client.get(address).status_code < 500
