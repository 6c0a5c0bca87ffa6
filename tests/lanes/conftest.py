"""A port with its cast, a gate that speaks HTTP, and a real Celery worker on the real broker."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connections
from django.test import Client

from lanes.services import assign
from tests.cast import PORT, Cast, make_cast
from trustedtruck.celery import app


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


class Gate:
    """A gate computer: posts JSON with its key and reads the answer."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.client = Client(raise_request_exception=False)

    def post(self, path: str, body: Any, prefer: str = "", **headers: str) -> Any:
        raw = body if isinstance(body, (str, bytes)) else json.dumps(body)
        sent = {"Authorization": f"Bearer {self.key}", **headers}
        if prefer:
            sent["Prefer"] = prefer
        return self.client.post(path, raw, content_type="application/json", headers=sent)

    def get(self, path: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.key}"})

    def arrive(self, body: Any, prefer: str = "") -> Any:
        return self.post("/api/v1/arrivals/", body, prefer)


@pytest.fixture
def gate(cast: Cast) -> Gate:
    return Gate(cast.key)


@pytest.fixture
def decide_now() -> Callable[[], int]:
    """Do what a worker does at a nudge, here and now."""
    return lambda: assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A Celery worker on the test's broker and database, in a thread of this process."""
    app.control.purge()
    with start_worker(
        app, queues=["lanes", "programme"], perform_ping_check=False, pool="solo", loglevel="INFO"
    ):
        yield
    connections.close_all()


def in_threads(count: int, job: Callable[[int], Any]) -> list[Any]:
    """Run a job in so many threads at once; their results in order."""
    results: list[Any] = [None] * count
    start = threading.Barrier(count)

    def run(index: int) -> None:
        start.wait()
        try:
            results[index] = job(index)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[n]) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
