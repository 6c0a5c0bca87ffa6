"""Every page of the console as every role, and every API without and with the wrong key."""

import uuid
from collections.abc import Iterator

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.cast import PORT, make_device
from tests.console.conftest import Staff
from tests.people import log_in, make_officer, make_user
from trustedtruck.accounts.models import Device, User
from trustedtruck.accounts.roles import Permission, Role, Scope, permissions_of
from trustedtruck.accounts.services import issue_key
from trustedtruck.audit.actors import system


def _walk(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern


EVERYTHING = list(_walk(get_resolver().url_patterns))
# Whatever is added below /console/ is asked as every role; the tables have tests of their own.
PAGES = [
    (path, page)
    for path, page in EVERYTHING
    if path.startswith("console/") and not path.startswith("console/tables/")
]

# Pages for every officer.
OPEN = {"home", "roles", "notices"}
# Changes that every officer makes to nothing but the own account.
OWN = {"notices-seen", "notices-mail"}
NOTHING = uuid.UUID(int=0)


def _path(path: str, staff: Staff, arrival: str) -> str:
    known = {
        "<str:code>": PORT,
        "<str:lane>": "01",
        "<uuid:arrival_id>": arrival,
        "<uuid:run_id>": str(NOTHING),
        "<uuid:scenario_id>": str(NOTHING),
        "<int:version>": "1",
        "<int:device_id>": str(Device.objects.first().pk),  # type: ignore[union-attr]
        "<int:user_id>": str(staff.gus.pk),
        "<int:event_id>": "0",
        "<int:alarm_id>": "0",
        "<int:hold_id>": "0",
        "<int:override_id>": "0",
        "<str:prefix>": "0",
        "<int:pk>": "0",
        "<str:number>": "NONE0001",
        "<uuid:inspection_id>": str(NOTHING),
        "<uuid:alert_id>": str(NOTHING),
        "<uuid:hit_id>": str(NOTHING),
        "<uuid:inbound_id>": str(NOTHING),
        "<uuid:finding_id>": str(NOTHING),
        "<uuid:feedback_id>": str(NOTHING),
        "<str:change>": "accept",
        "<str:agency>": "XX-NONE",
        "<int:agreement_id>": "0",
        "<int:seq>": "0",
        "<uuid:scan_id>": str(NOTHING),
        "<int:exam_id>": "0",
        "<int:proposal_id>": "0",
        "<int:photo_id>": "0",
        "<str:kind>": "cargo",
        "<int:position>": "1",
        "<str:action>": "release",
        "<str:station>": "nii-1",
    }
    if "drivers/" in path:
        known["<uuid:public_id>"] = str(staff.cast.rosa.public_id)
    known["<uuid:public_id>"] = known.get("<uuid:public_id>", str(staff.cast.truck.public_id))
    for name, value in known.items():
        path = path.replace(name, value)
    assert "<" not in path
    return "/" + path


@pytest.mark.parametrize("role", list(Role))
def test_every_page_as_every_role(staff: Staff, role: Role) -> None:
    """403 exactly where the role lacks what the page names; nothing ever fails."""
    arrival = staff.truck()
    client = log_in(make_officer("Everybody", role, ports=[PORT]))
    held = permissions_of([role])
    for pattern, page in PAGES:
        path = _path(pattern, staff, arrival)
        if page.name in OPEN:
            assert client.get(path).status_code == 200
            continue
        if page.name in OWN:
            assert client.post(path).status_code in (302, 400)
            continue
        read = page.callback.permission  # type: ignore[attr-defined]
        write = page.callback.post_permission or read  # type: ignore[attr-defined]
        for method, needed in (("get", read), ("post", write)):
            status = getattr(client, method)(path).status_code
            assert status < 500, path
            if status != 405:
                assert (status == 403) == (needed not in held), (method, path, role, status)


def test_another_port_shows_nothing_of_this_one(staff: Staff) -> None:
    arrival = staff.truck()
    client = staff.browser("otto")
    for pattern, _page in PAGES:
        if "<str:code>" in pattern:
            path = _path(pattern, staff, arrival)
            assert client.get(path).status_code in (403, 405), path
            assert client.post(path).status_code in (403, 405), path
    answer = client.get(f"/console/trucks/{staff.cast.truck.public_id}/")
    assert f"/ports/{PORT}/" not in answer.content.decode()


def test_a_stranger_is_asked_to_sign_in(staff: Staff) -> None:
    for pattern, _page in PAGES:
        answer = Client().get(_path(pattern, staff, str(NOTHING)))
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")


def test_a_carriers_person_sees_nothing(staff: Staff) -> None:
    client = log_in(make_user("Nadia"))
    for pattern, _page in PAGES:
        answer = client.get(_path(pattern, staff, str(NOTHING)))
        assert answer.status_code in (302, 403, 405)


def _api() -> Iterator[tuple[str, type]]:
    """Every API of the product; the description of the API is for everybody."""
    for path, page in EVERYTHING:
        if hasattr(page.callback, "cls") and not path.startswith(("api/schema/", "api/docs/")):
            yield path, page.callback.cls


def _filled(path: str) -> str:
    for name in ("arrival_id", "scan_id", "public_id", "submission_id", "id"):
        path = path.replace(f"<uuid:{name}>", str(NOTHING))
    parts = path.split("<")
    return "/" + "".join(
        part if index == 0 else PORT + part.partition(">")[2] for index, part in enumerate(parts)
    )


# What answers everybody, and gives nothing about anybody: pages before the log-in, keys, lists.
FOR_EVERYBODY = {
    *("home", "set_language", "schema", "api-docs", "problems", "healthz", "readyz", "metrics"),
    *("did", "jwks", "vci-issuer", "vci-server", "vc-issuer", "vct", "vc-context", "vc-schema"),
    *("verify", "verify-posted", "status-tokens", "status-list", "verify-release"),
    # Only in a demonstration, which shows its own mail; elsewhere there is no such page.
    "mailbox",
    # The wallet's own protocol: an offer's code, then a token, let it in.
    *("vci-token", "vci-nonce", "vci-credential"),
}


def test_every_address_stands_in_a_matrix() -> None:
    """Officers' pages here, the portal's in its own test, APIs by scope, and the named rest."""
    apis = {path for path, _view in _api()}
    for path, page in EVERYTHING:
        known = path in apis or page.name in FOR_EVERYBODY or page.name == "svi"
        assert known or path.startswith(("console/", "portal/", "accounts/", "test/")), path


METHODS = ("get", "post", "put", "patch", "delete")
# Answered to everybody: they say nothing about anybody but what the asker brings.
PUBLIC = {
    "api/v1/wait-times/",
    "api/v1/draws/",
    "credentials/verify",
    "presentations/verify",
    "taxii2/extension.json",
}


def test_no_api_answers_without_a_key(staff: Staff) -> None:
    asked = 0
    for path, view in _api():
        if path in PUBLIC:
            continue
        for method in METHODS:
            if hasattr(view, method):
                status = getattr(Client(), method)(_filled(path)).status_code
                assert status in (401, 403, 404), (method, path, status)
                asked += 1
    assert asked >= 8


@pytest.mark.parametrize("scope", list(Scope))
def test_every_api_with_every_scope(staff: Staff, scope: Scope) -> None:
    """A key is let past the door exactly where the view names its scope."""
    device, _key = make_device(code=f"only-{scope.name.lower().replace('_', '-')}")
    key = issue_key(scopes=[scope], by=system("test"), at=timezone.now(), device=device)
    client = Client(headers={"Authorization": f"Bearer {key}"}, raise_request_exception=False)
    for path, view in _api():
        if path in PUBLIC or not hasattr(view, "scope") or path.endswith("/events/"):
            continue
        for method in METHODS:
            if not hasattr(view, method):
                continue
            asked = view()
            asked.request = HttpRequest()
            asked.request.method = method.upper()
            needed = asked.scope
            if needed is None:
                continue
            answer = getattr(client, method)(_filled(path))
            refused = answer.status_code == 403 and answer.json()["code"] == "scope_missing"
            assert answer.status_code != 500, (method, path)
            assert refused == (scope != needed), (method, path, scope, answer.content)


def test_the_tables_are_for_looking_only(staff: Staff) -> None:
    client = staff.browser("adrian")
    assert client.get("/console/tables/").status_code == 200
    for path in ("lanes/lane/", "audit/event/", "accounts/machinekey/", "lanes/policy/"):
        listed = client.get(f"/console/tables/{path}")
        assert listed.status_code == 200, path
        assert client.get(f"/console/tables/{path}add/").status_code == 403
    key = staff.cast.device.keys.get()
    shown = client.get(f"/console/tables/accounts/machinekey/{key.pk}/change/")
    assert shown.status_code == 200
    assert "secret" not in shown.content.decode()
    assert client.post(f"/console/tables/accounts/machinekey/{key.pk}/change/").status_code == 403
    assert client.post(f"/console/tables/accounts/machinekey/{key.pk}/delete/").status_code == 403
    assert staff.browser("petra").get("/console/tables/").status_code == 302


def test_people_are_not_in_the_tables(staff: Staff) -> None:
    client = staff.browser("adrian")
    for path in ("carriers/driver/", "accounts/user/", "manifests/crewmember/"):
        assert client.get(f"/console/tables/{path}").status_code == 404


def test_the_own_roles_bound_the_menu(staff: Staff) -> None:
    page = staff.browser("gus").get("/console/").content.decode()
    assert "/console/ports/2304/" in page
    assert "/console/audit/" not in page
    assert Permission.AUDIT_READ not in permissions_of(staff.gus.roles)
    assert isinstance(staff.gus, User)
