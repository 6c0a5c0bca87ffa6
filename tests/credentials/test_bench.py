"""`manage.py bench credentials` runs and meets its targets."""

import json

import pytest
from django.core.management import call_command


@pytest.mark.slow
def test_the_targets_are_met(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("bench", "credentials", "--json")
    results = json.loads(capsys.readouterr().out)["results"]
    assert len(results) > 10
    assert all(result["met"] for result in results)
    assert {r["name"] for r in results if r["target"] is not None} >= {
        "issue QR against raw ES256",
        "verify QR against raw ES256",
        "bundle after one revocation",
        "look up a tag in the bundle",
    }
