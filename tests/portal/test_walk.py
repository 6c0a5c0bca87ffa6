"""The whole way over HTTP, without a browser: application, fleet, approval, credential."""

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.people import log_in, make_officer
from tests.portal.conftest import PROFILE, Newcomer
from tests.portal.files import plain_pdf
from trustedtruck.carriers.criteria import newest
from trustedtruck.carriers.models import Carrier, VettingCheck
from trustedtruck.credentials.models import Credential
from trustedtruck.enrolment.services import vetting
from trustedtruck.enrolment.tasks import WORKER

pytestmark = pytest.mark.django_db


def answer_all(newcomer: Newcomer) -> None:
    """Fill in every category by its form, with evidence where it is required."""
    for category in newest(newcomer.carrier.kind).categories:
        data: dict[str, Any] = {}
        for criterion in category.criteria:
            data[f"status_{criterion.id}"] = "met"
            data[f"text_{criterion.id}"] = "Every day, by a list."
            data[f"version_{criterion.id}"] = "0"
            if criterion.evidence_required:
                data[f"file_{criterion.id}"] = SimpleUploadedFile("evidence.pdf", plain_pdf())
        answer = newcomer.client.post(f"/portal/application/{category.number}/", data)
        assert answer.status_code == 302, html.unescape(answer.content.decode())


def test_from_application_to_credential(newcomer: Newcomer) -> None:
    client = newcomer.client
    assert client.post("/portal/company/", PROFILE).status_code == 302
    answer_all(newcomer)
    truck = {
        "number": "T-1",
        "vin": "1M8GDM9AXKP042788",
        "plate_number": "ABC1234",
        "plate_jurisdiction": "TX",
        "tag_epc": "341800004000000000000001",
    }
    assert client.post("/portal/fleet/trucks/add/", truck).status_code == 302
    driver = {
        "given_names": "Nora",
        "family_names": "Luna",
        "birth_date": "1980-05-17",
        "citizenship": "MX",
        "fast_card": "",
        "fast_card_expires_date": "",
    }
    assert client.post("/portal/fleet/drivers/add/", driver).status_code == 302
    today = timezone.now().date()
    policy = {
        "insurer": "Seguros",
        "policy_number": "P-1",
        "liability_usd": "1000000",
        "starts_date": today.isoformat(),
        "expires_date": today.replace(year=today.year + 1).isoformat(),
    }
    assert client.post("/portal/insurance/", policy).status_code == 302
    client.post("/portal/application/submit/")
    application = newcomer.application
    application.refresh_from_db()
    assert application.state == "submitted"

    checks = vetting.vet(application=application, by=WORKER, at=timezone.now())
    assert {c.code: c.outcome for c in checks} == dict.fromkeys(
        [c.code for c in checks], VettingCheck.Outcome.PASS
    ), [(c.code, c.findings) for c in checks]

    olga, omar = make_officer("Olga"), make_officer("Omar")
    page = f"/console/enrolment/applications/{application.public_id}/"
    first, second = log_in(olga), log_in(omar)
    advice = {"advice": "approve", "reasons": "All in order."}
    assert first.post(page + "advise/", advice).status_code == 302
    decision = {"decision": "approve", "reasons": "I agree."}
    assert "Another officer must decide" in first.post(page + "decide/", decision).content.decode()
    assert second.post(page + "decide/", decision).status_code == 302

    carrier = Carrier.objects.get(pk=newcomer.carrier.pk)
    assert (carrier.state, carrier.tier) == ("certified", 1)
    credential = Credential.objects.get(carrier=carrier)
    assert credential.kind == "carrier"
    shown = client.get(f"/portal/credentials/{credential.public_id}/")
    assert shown.status_code == 200
    assert (
        client.get(f"/portal/credentials/{credential.public_id}/qr.png").content[:4] == b"\x89PNG"
    )
