"""A driver's credential reaches the driver's telephone from the carrier's page."""

import html
import re
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from tests.cast import TESTER
from tests.credentials.test_wallet import Wallet
from tests.portal.conftest import People
from trustedtruck.carriers.services import NewDriver, add_drivers
from trustedtruck.credentials.models import Credential, WalletOffer
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services import issue_credentials, revoke, wallet
from trustedtruck.credentials.verify import verify_sd_jwt

pytestmark = pytest.mark.django_db


@pytest.fixture
def credential(people: People) -> Credential:
    now = timezone.now()
    new = NewDriver("Rosa", "Prueba", date(1980, 5, 17), "MX")
    (rosa,) = add_drivers(carrier=people.norte, drivers=[new], by=TESTER, at=now)
    (made,) = issue_credentials([rosa], by=TESTER, at=now)
    return made


def test_what_the_page_shows_brings_the_credential_into_a_wallet(
    people: People, credential: Credential
) -> None:
    answer = people.browser("flor").post(f"/portal/credentials/{credential.public_id}/wallet/")
    assert answer["Cache-Control"] == "no-store"
    page = html.unescape(answer.content.decode())
    uri = re.search(r'"(openid-credential-offer:[^"]+)"', page)
    pin = re.search(r">(\d{6})<", page)
    assert uri
    assert pin
    held = Wallet().get(wallet.Offer(uri[1], pin[1], datetime.max.replace(tzinfo=UTC)))
    assert verify_sd_jwt(held, at=timezone.now(), keys=all_keys()).ok


def test_a_revoked_credential_is_not_offered(people: People, credential: Credential) -> None:
    revoke(credential=credential, by=TESTER, at=timezone.now(), reason="stolen")
    page = f"/portal/credentials/{credential.public_id}/wallet/"
    shown = people.browser("flor").post(page, follow=True).content.decode()
    assert "active credential goes into a wallet" in shown
    assert not WalletOffer.objects.exists()


def test_another_carriers_driver_is_not_offered(people: People, credential: Credential) -> None:
    page = f"/portal/credentials/{credential.public_id}/wallet/"
    assert people.browser("sonia").post(page).status_code == 404
    assert not WalletOffer.objects.exists()
