"""Two systems of ours, each with its own database, exchange what they know over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection, connections
from pytest_django.live_server_helper import LiveServer

from tests.alerts import actions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PROJECT = Path(__file__).resolve().parents[2]
US, MX = "US-CBP", "MX-ANAM"


class Other:
    """The Mexican customs' system, in a process and a database of its own."""

    def __init__(self, database: str) -> None:
        given = os.environ | {
            "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database}",
            "DJANGO_SETTINGS_MODULE": "trustedtruck.settings",
            "WEBHOOKS_ALLOW_PRIVATE": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.alerts.other_system"],
            cwd=PROJECT,
            env=given,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = f"http://127.0.0.1:{self._answer()}"
        # Its first request loads all of it, which takes longer than a push waits.
        assert requests.get(f"{self.url}/healthz", timeout=120).status_code == 200

    def do(self, action: str, **arguments: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([action, arguments]) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


@pytest.fixture
def mexicos(transactional_db: None) -> Iterator[Other]:
    """Its database is a copy of the test's own, which holds nothing yet."""
    name = str(connection.settings_dict["NAME"])
    copy = f"{name}_mexico"
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    other = Other(copy)
    yield other
    other.stop()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def test_a_warning_a_feedback_and_a_seizure_cross_the_border(
    mexicos: Other, live_server: LiveServer, settings: Any
) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    for_mexico, for_us = actions.meet(US, MX), mexicos.do("meet", own=MX, other=US)
    actions.connect(MX, f"{mexicos.url}/api/v1/alerts/inbox/{US}/", for_us)
    assert requests.get(f"{live_server.url}/healthz", timeout=120).status_code == 200
    ours = f"{live_server.url}/api/v1/alerts/inbox/{MX}/"
    mexicos.do("connect", other=US, url=ours, secret=for_mexico)

    criteria = [[["plate", "TX NPL81"]], [["driver_name", "Juan Perez"]]]
    warning = actions.warn(US, criteria, "amber")
    actions.warn(US, [[["plate", "TX STRICT1"]]], "amber+strict")
    assert actions.push() == [1, ""]
    there = mexicos.do("known")
    (alert,) = there["alerts"]
    assert alert == {
        "ref": warning, "owner": US, "state": "active", "criteria": ["plate TX NPL81"],
    }  # fmt: skip
    assert "STRICT1" not in json.dumps(there)
    assert "Juan" not in json.dumps(there)

    mexicos.do("answer", own=MX, warning=warning)
    assert mexicos.do("push") == [2, ""]
    here = actions.known()
    assert here["feedback"] == [[warning, MX, "found"]]
    assert here["seizures"] == [[warning, MX, "12.500"]]
    assert "Juan" not in json.dumps(here["raw"])
    assert actions.push() == [0, ""]
    assert mexicos.do("push") == [0, ""]
