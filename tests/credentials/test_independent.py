"""Verifiers that others wrote accept what we issue and refuse what we altered or revoked.

jose, @digitalbazaar/vc with its Bitstring library, @sd-jwt/sd-jwt-vc, @auth0/cose and jsQR, from
npm, installed once into a directory of the machine's temporary files.
"""

import base64
import hashlib
import io
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.cast import TESTER, Cast
from tests.credentials import forge
from tests.credentials.forge import truck
from tests.credentials.test_cards import photographed
from tests.credentials.test_wallet import ASKED, Wallet, offered
from trustedtruck.credentials import services
from trustedtruck.credentials.formats import images
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.services.publish import with_data_integrity
from trustedtruck.credentials.states import Reason

HERE = Path(__file__).parent / "npm"
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="session")
def verifiers() -> Path:
    """The directory in which npm has put them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        pytest.skip("Node.js is not installed: no independent verifiers")
    wanted = hashlib.sha256((HERE / "package.json").read_bytes()).hexdigest()[:16]
    place = Path(tempfile.gettempdir()) / f"tt-npm-{wanted}"
    if not (place / "complete").exists():
        # Made aside and renamed: two test processes may come here at once.
        aside = Path(tempfile.mkdtemp(prefix="tt-npm-"))
        shutil.copy(HERE / "package.json", aside)
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(command, cwd=aside, capture_output=True, text=True, timeout=120)
        except subprocess.TimeoutExpired:
            pytest.skip("npm's registry does not answer: no independent verifiers")
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            pytest.skip(f"npm could not install the independent verifiers: {why}")
        (aside / "complete").touch()
        try:
            aside.rename(place)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
    shutil.copy(HERE / "verify.mjs", place)
    return place


def web(number: int) -> dict[str, str]:
    """All that a verifier may fetch, as it stands now."""
    client, base = Client(), settings.BASE_URL
    paths = ["/.well-known/did.json", "/.well-known/jwks.json", "/.well-known/jwt-vc-issuer"]
    paths += ["/contexts/v1", f"/status/tokens/{number}"]
    lists = [f"/status/{purpose}/{number}" for purpose in ("revocation", "suspension")]
    found = {base + path: client.get(path).content.decode() for path in paths + lists}
    integrity = {"Accept": "application/vc"}
    return found | {
        f"{base}{path} application/vc": client.get(path, headers=integrity).content.decode()
        for path in lists
    }


def picture(row: Credential, width: int, degrees: float) -> str:
    out = io.BytesIO()
    taken: Image.Image = photographed(images.png(row.qr), width=width, degrees=degrees)
    taken.convert("RGBA").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_independent_verifiers_agree(cast: Cast, verifiers: Path, tmp_path: Path) -> None:
    row, rosa, at = truck(cast), cast.credentials["rosa"], timezone.now()
    integrity = with_data_integrity(row, by=TESTER, at=at)
    phone = Wallet()
    held = phone.get(offered(cast))
    shown = phone.present(held, "given_names", "carrier_name")
    altered = json.loads(json.dumps(integrity))
    altered["credentialSubject"]["plateNumber"] = "STOLEN1"
    number = row.status_list_id
    webs = {"before": web(number)}
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    services.suspend(credential=rosa, by=TESTER, at=at, reason=Reason.STOLEN)
    webs["suspended"] = web(number)
    services.revoke(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    services.revoke(credential=rosa, by=TESTER, at=at, reason=Reason.STOLEN)
    webs["revoked"] = web(number)
    sd = {"how": "sd-jwt", "nonce": ASKED.nonce, "claims": ["given_names", "carrier_name"]}
    cases: list[dict[str, Any]] = []
    for when in webs:
        cases += [
            {"name": f"jose {when}", "how": "jose", "value": row.vc_jwt, "web": when},
            {"name": f"vc {when}", "how": "vc", "value": integrity, "web": when},
            {"name": f"sd-jwt {when}", "value": shown, "web": when, **sd},
        ]
    forged = forge.jwt(row, by=forge.STRANGER)
    cose = {"how": "cose", "web": "before", "kid": row.kid}
    strangers = forge.qr(row, by=forge.STRANGER)
    cases += [
        {"name": "cose", "value": row.qr, **cose},
        {"name": "cose forged", "value": strangers, **cose},
        {"name": "jose forged", "how": "jose", "value": forged, "web": "before"},
        {"name": "vc altered", "how": "vc", "value": altered, "web": "before"},
        {
            "name": "sd-jwt of another question",
            "value": shown,
            "web": "before",
            **sd,
            "nonce": "n-2",
        },
    ]
    for width, degrees in ((320, 0), (320, 10), (400, 45)):
        name = f"jsqr {width} px at {degrees}"
        value = picture(row, width, degrees)
        cases.append({"name": name, "how": "jsqr", "value": value, "text": row.qr})
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"base": settings.BASE_URL, "webs": webs, "cases": cases}))
    done = subprocess.run(
        ["node", "verify.mjs", str(path)], cwd=verifiers, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)
    good = {"jose before", "vc before", "sd-jwt before", "cose"}
    good |= {case["name"] for case in cases if case["how"] == "jsqr"}
    assert {name for name, verdict in verdicts.items() if verdict == "accepted"} == good, verdicts
    for when, purpose in (("suspended", "suspension"), ("revoked", "revocation")):
        assert purpose in verdicts[f"jose {when}"]
        assert purpose in verdicts[f"vc {when}"]
        assert "Status" in verdicts[f"sd-jwt {when}"]
