"""`manage.py bench credentials` measures what it says; whether it is fast, the command judges."""

import json

import pytest
from django.core.management import CommandError, call_command

from trustedtruck.core.bench import Result
from trustedtruck.core.management.commands import bench

WITH_TARGETS = {
    "issue QR against raw ES256",
    "issue vc+jwt against raw ES256",
    "verify QR against raw ES256",
    "verify vc+jwt against raw ES256",
    "encode a status list, against plain zlib",
    "decode a status list, against plain zlib",
    "bundle after one revocation",
    "look up a tag in the bundle",
}


@pytest.mark.slow
def test_each_aim_of_the_credentials_is_measured() -> None:
    results = {result.name: result for result in bench.measured("credentials")}
    assert {name for name, result in results.items() if result.target is not None} == WITH_TARGETS
    assert all(result.value > 0 for result in results.values())


def test_a_missed_target_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = [Result("a", 1, "of raw", 0.5), Result("b", 1, "seconds", 2, at_least=False)]
    monkeypatch.setattr(bench, "measured", lambda label: results)
    call_command("bench", "credentials", "--json")
    assert all(row["met"] for row in json.loads(capsys.readouterr().out)["results"])
    results.append(Result("c", 3, "seconds", 2, at_least=False))
    with pytest.raises(CommandError, match="c"):
        call_command("bench", "credentials")
    assert "MISSED" in capsys.readouterr().out
