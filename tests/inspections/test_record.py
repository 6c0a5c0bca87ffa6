"""A carrier's record: an honest estimate, points, and proposals for an officer."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lanes.inspections.models import Inspection, Proposal
from lanes.inspections.queries.record import record_of, wilson
from lanes.models import Policy
from tests.inspections.conftest import Yard
from tests.inspections.test_exams import CARGO, NARCOTICS, PASSED, examined
from trustedtruck.carriers.models import Carrier, Notice


@pytest.fixture(autouse=True)
def _pictures(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe (1998), table I: the score method without continuity correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    found = wilson(hits, n)
    assert found is not None
    assert found == pytest.approx((low, high), abs=5e-5)


def test_without_exams_there_is_no_rate() -> None:
    assert wilson(0, 0) is None


def test_random_and_targeted_exams_are_counted_apart(yard: Yard) -> None:
    """Whoever is looked at because of a suspicion says little of the others."""
    drawn = yard.at_station("air-1")
    Inspection.objects.filter(pk=drawn.pk).update(basis="random")
    examined(yard, drawn, "conveyance", PASSED)
    yard.act("ines", drawn, "release", note="")
    aimed = yard.at_station("dock-1")
    examined(yard, aimed, "cargo", CARGO | NARCOTICS)
    yard.act("ines", aimed, "seize", note="Seized.")
    unseen = yard.referred()
    yard.act("ines", unseen, "release", note="The portal was being repaired.")
    record = record_of(yard.staff.cast.norte, at=timezone.now())
    assert (record.random.compliant, record.random.n) == (1, 1)
    assert (record.targeted.compliant, record.targeted.n) == (0, 1)
    assert record.points == 30
    assert record.random.interval == pytest.approx((0.2065, 1.0), abs=1e-4)


def seized(yard: Yard) -> None:
    inspection = yard.at_station()
    examined(yard, inspection, "cargo", CARGO | NARCOTICS)
    yard.act("ines", inspection, "seize", note="Seized.")


def decide(yard: Yard, proposal: Proposal, do: str, note: str, who: str = "olga") -> Any:
    path = f"/console/proposals/{proposal.pk}/"
    return yard.browser(who).post(path, {"do": do, "note": note}, follow=True)


def test_a_tier_goes_down_only_when_an_officer_confirms(yard: Yard) -> None:
    seized(yard)
    norte = yard.staff.cast.norte
    proposal = Proposal.objects.get(kind="tier_down")
    assert Carrier.objects.get(pk=norte.pk).tier == 3
    assert decide(yard, proposal, "confirm", "").status_code == 400
    assert decide(yard, proposal, "confirm", "x", who="ines").status_code == 403
    decide(yard, proposal, "confirm", "Narcotics in the front wall.")
    assert Carrier.objects.get(pk=norte.pk).tier == 2
    assert Notice.objects.filter(carrier=norte, code="tier_changed").exists()
    again = decide(yard, proposal, "dismiss", "Changed my mind.")
    assert again.status_code == 400
    assert Carrier.objects.get(pk=norte.pk).tier == 2


def test_more_draws_are_a_draft_that_another_officer_approves(yard: Yard) -> None:
    seized(yard)
    proposal = Proposal.objects.get(kind="sample_more")
    decide(yard, proposal, "confirm", "Look more often.")
    policy = Policy.objects.latest("version")
    assert (policy.state, policy.drafted_by) == ("draft", str(yard.user("olga").actor))
    campaign = policy.body["campaigns"][0]
    assert (campaign["carriers"], campaign["rate"]) == (["NRTE"], 0.25)


def test_a_dismissed_proposal_changes_nothing(yard: Yard) -> None:
    seized(yard)
    decide(yard, Proposal.objects.get(kind="tier_down"), "dismiss", "Not their fault.")
    assert Carrier.objects.get(pk=yard.staff.cast.norte.pk).tier == 3
    assert Proposal.objects.filter(state="dismissed", note="Not their fault.").exists()


def test_the_page_says_how_sure_a_rate_is(yard: Yard) -> None:
    inspection = yard.at_station()
    Inspection.objects.filter(pk=inspection.pk).update(basis="random")
    examined(yard, inspection, "conveyance", PASSED)
    yard.act("ines", inspection, "release", note="")
    page = yard.browser("olga").get("/console/proposals/").content.decode()
    assert "1 / 1" in page
    assert "20.7 % – 100.0 %" in page
