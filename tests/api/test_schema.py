"""Schemathesis over the whole API: what the description promises holds for what nobody thought of.

Every checker is on. For each operation it takes the description's own cases (bounds, missing and
surplus parts, other methods, no key) and then random ones, the same in every run.

    make test ARGS="tests/api/test_schema.py"                      # a few random cases each
    SCHEMA_EXAMPLES=300 make test ARGS="tests/api/test_schema.py"  # on demand: many, and new ones
"""

import os
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, Phase, strategies
from hypothesis import settings as how

from tests.alerts.sharing import make_partner
from tests.cast import TESTER, make_cast
from tests.manifests.conftest import make_filer
from tests.portal.files import picture
from trustedtruck.accounts.models import Device
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.console.live import views as live
from trustedtruck.core.openapi import description
from trustedtruck.credentials.services.bundle import build_bundle
from trustedtruck.wsgi import application

MANY = int(os.environ.get("SCHEMA_EXAMPLES", "0"))
MANY_ITEMS = 200
CONFIG = {
    "generation": {"deterministic": not MANY, "max-examples": MANY or 4, "no-shrink": not MANY},
    "checks": {
        "enabled": True,
        # No schema can say which VIN has a right check digit, or that a date lies in the past.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "3xx", "400", "401", "403", "404", "409", "422"]
        },
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
        "missing_required_header": {"expected-statuses": ["4xx"]},
    },
}
for kind in ("PNG", "TIFF", "JPEG"):
    schemathesis.openapi.media_type(
        f"image/{kind.lower()}",
        strategies.sampled_from([picture(kind), picture(kind)[:40], b"", b"no picture"]),
    )


@dataclass
class Keys:
    """One key for each kind of holder, with every scope."""

    device: str
    agency: str
    carrier: str

    def of(self, path: str) -> str:
        if path.startswith(("/api/v1/manifest", "/api/v1/plant")):
            return self.carrier
        if path.startswith(
            ("/api/v1/alerts", "/api/v1/c", "/api/v1/wallet", "/credentials", "/presentations")
        ):
            return self.agency
        return self.device


@pytest.fixture
def keys(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Keys:
    # Nobody decides here: each arrival waits for its deadline, each stream for its end.
    settings.LANES_DEADLINE_MS = 20
    monkeypatch.setattr(live, "LIFE_SECONDS", 0.05)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)
    make_cast()
    build_bundle(at=timezone.now())
    scopes = Scope.values
    partner = make_partner()
    carrier = make_filer("ZZRT").carrier
    assert carrier is not None
    at = timezone.now()

    def key(**holder: Any) -> str:
        return issue_key(scopes=scopes, by=TESTER, at=at, **holder)

    return Keys(
        device=key(device=Device.objects.get(code="gate-1")),
        agency=key(agency=partner.partner.agency),
        carrier=key(carrier_id=carrier.pk),
    )


def bounded(part: Any) -> Any:
    """Without the bounds that only a body of megabytes breaks: those have tests of their own."""
    if isinstance(part, list):
        return [bounded(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: bounded(value)
        for name, value in part.items()
        if not (name == "maxItems" and isinstance(value, int) and value > MANY_ITEMS)
    }


api = schemathesis.openapi.from_dict(
    bounded(description()), config=schemathesis.Config.from_dict(CONFIG)
)
api.app = application


@api.parametrize()
@how(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
# Interchanges of X12 have tests of their own: tests/manifests/test_file_x12.py.
@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload media types")
@pytest.mark.timeout(1800 if MANY else 180)
def test_the_api_does_what_it_says(case: Any, keys: Keys) -> None:
    key = keys.of(case.operation.path)
    # In process nobody would unpack what is sent gzipped.
    case.call_and_validate(
        headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
    )
