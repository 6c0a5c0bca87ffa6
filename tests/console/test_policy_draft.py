"""Drafting a policy on the console's page: its campaigns."""

from typing import Any

from django.test import Client

from lanes.models import Policy
from tests.cast import PORT
from tests.console.conftest import Staff
from tests.people import log_in, make_officer
from trustedtruck.accounts.roles import Role

BOARD = f"/console/ports/{PORT}/"
LIMES = {
    "name": "Limes", "rate": "25 %", "from": "2026-12-01 06:00", "until": "2027-01-01",
    "tiers": "1, 2", "chapters": "08", "carriers": "nrte",
}  # fmt: skip


def _drafted(browser: Client, *campaigns: dict[str, str]) -> Any:
    """A draft with these campaigns in its boxes, and nothing else changed."""
    path = f"{BOARD}policies/draft/"
    fields = browser.get(path).context["form"].fields.items()
    values = {n: f.initial for n, f in fields if f.initial is not None and f.initial is not False}
    sent = {
        f"campaigns.{index}.{part}": campaign.get(part, "")
        for index, campaign in enumerate(campaigns)
        for part in LIMES
    }
    return browser.post(path, values | sent | {"note": "Campaigns"})


def test_a_campaign_is_drafted_in_boxes_of_its_own(staff: Staff) -> None:
    """Its period is typed by the port's clock, six hours behind UTC in winter."""
    pia = log_in(make_officer("Pia", Role.POLICY_OFFICER, ports=[PORT]))
    always = {"name": "Wood", "rate": "0.5", "from": "2026-12-01T00:00:00-06:00"}
    assert _drafted(pia, {}, LIMES, {}, always).status_code == 302
    draft = Policy.objects.get(port=PORT, version=2)
    assert draft.body["campaigns"] == [
        {
            "name": "Limes", "rate": 0.25,
            "from": "2026-12-01T12:00:00Z", "until": "2027-01-01T06:00:00Z",
            "tiers": [1, 2], "chapters": ["08"], "carriers": ["NRTE"],
        },
        {
            "name": "Wood", "rate": 0.5, "from": "2026-12-01T06:00:00Z", "until": None,
            "tiers": [], "chapters": [], "carriers": [],
        },
    ]  # fmt: skip


def test_the_next_draft_begins_with_the_campaigns_in_force(staff: Staff) -> None:
    pia = log_in(make_officer("Pia", Role.POLICY_OFFICER, ports=[PORT]))
    _drafted(pia, LIMES)
    staff.browser("simon").post(f"{BOARD}policies/2/approve/", {"effective_from": ""})
    form = pia.get(f"{BOARD}policies/draft/").context["form"]
    shown = {part: form[f"campaigns.0.{part}"].value() for part in LIMES}
    assert shown == LIMES | {"until": "2027-01-01 00:00", "carriers": "NRTE"}
    assert _drafted(pia, shown).status_code == 302
    first, second = Policy.objects.filter(port=PORT, version__gte=2).order_by("version")
    assert first.body == second.body


def test_what_is_wrong_with_a_campaign_is_said_beside_its_boxes(staff: Staff) -> None:
    pia = log_in(make_officer("Pia", Role.POLICY_OFFICER, ports=[PORT]))
    wrong = {"rate": "often", "until": "soon", "tiers": "4, x", "chapters": "8", "carriers": "NO"}
    page = _drafted(pia, LIMES, {}, LIMES | wrong, {"rate": "5 %"})
    assert set(page.context["form"].errors) == {
        *(f"campaigns.2.{part}" for part in ("name", *wrong)),
        "campaigns.3.name",
        "campaigns.3.from",
    }
    assert not Policy.objects.filter(version=2).exists()


def test_all_that_is_wrong_with_a_draft_is_said_at_once(staff: Staff) -> None:
    """What no box can hold and what no policy can, in the words of the boxes, each once."""
    pia = log_in(make_officer("Pia", Role.POLICY_OFFICER, ports=[PORT]))
    path = f"{BOARD}policies/draft/"
    sent = {
        "note": "", "sampling_by_tier": "1: 300 %", "sampling_by_commodity": "07 5",
        "late_report_s": "-4", "lane_policy": "dedicated",
        "campaigns.0.name": "Limes", "campaigns.0.rate": "often", "campaigns.0.from": "soon",
        "campaigns.0.tiers": "8, 9",
    }  # fmt: skip
    wrong = pia.post(path, sent).context["form"].errors
    assert {"note", "sampling_by_tier", "sampling_by_commodity", "late_report_s"} <= wrong.keys()
    assert wrong["campaigns.0.rate"] == ["Write a share such as 25 %, or a number from 0 to 1."]
    assert wrong["campaigns.0.from"] == ["Write date and time as in 2026-03-01 06:00."]
    assert wrong["campaigns.0.tiers"] == ["A tier is 1, 2 or 3."]
