"""What the tests of the pages share."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.browser import (  # noqa: F401
    accessibility_faults,
    allow_async,
    base_url,
    browser_type_launch_args,
    complaints,
)

DEMO = {
    "base_url": "http://127.0.0.1:8000",
    "logins": {
        "gate_operator": {"username": "gate-operator", "password": "first-secret"},
        "supervisor_2": {"username": "supervisor-2", "password": "second-secret"},
    },
    "devices": {
        "edge-1": {"port": "2402", "name": "Elsewhere", "key": "tt_elsewhere"},
        "gate-1": {"port": "2304", "name": "Gate 1", "key": "tt_here"},
    },
    "samples": {"fast_arrival": {"port": "2304", "qr": "TT1:IT'S", "plate": {"number": "Ñ1"}}},
}


@pytest.fixture
def demo(tmp_path: Path, settings: Settings) -> dict[str, Any]:
    """An installation in demo mode, with its demo.json."""
    settings.DEMO = True
    settings.HOME = tmp_path
    (tmp_path / "demo.json").write_text(json.dumps(DEMO), encoding="utf-8")
    return DEMO
