"""What leaves: by agreement, by mark, without persons; and that it can be called back."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.alerts.sharing import Mexico, feedback, make_partner, seizure, warning
from tests.alerts.writing import agency, draft, issue
from tests.cast import TESTER
from trustedtruck.alerts.marks import Mark, within
from trustedtruck.alerts.models import Agreement, Release
from trustedtruck.alerts.retention import KINDS
from trustedtruck.alerts.services import alerts
from trustedtruck.alerts.services.agreements import end_agreement, end_due
from trustedtruck.alerts.services.messages import Taken, give_feedback, report_seizure
from trustedtruck.audit.models import Event
from trustedtruck.core.errors import Invalid

ON_THE_TRUCK = ("plate", "TX NPL81")


def test_without_an_agreement_nothing_leaves(mexico: Mexico) -> None:
    issue(ON_THE_TRUCK, mark="clear")
    assert mexico.feed() == []


def test_an_alert_is_released_by_its_agreement_and_audited(mexico: Mexico) -> None:
    agreement = mexico.agree()
    alert = issue(ON_THE_TRUCK)
    (copy,) = mexico.feed()
    assert copy["id"] == str(alert.public_id)
    assert copy["criteria"] == [[{"kind": "plate", "value": "TX NPL81"}]]
    event = Event.objects.get(action="release.made")
    assert event.data["agreement"] == agreement.pk
    assert event.data["partner"] == "MX-ANAM"
    assert Event.objects.filter(action="release.read").exists()


@pytest.mark.parametrize("mark", ["amber+strict", "red"])
def test_strict_marks_are_kept_back(mexico: Mexico, mark: str) -> None:
    mexico.agree()
    issue(ON_THE_TRUCK, mark=mark)
    assert mexico.feed() == []


@pytest.mark.parametrize("mark", ["amber+strict", "red", "purple", ""])
def test_no_limit_lets_a_strict_or_unknown_mark_out(mark: str) -> None:
    assert not any(within(mark, limit) for limit in (*Mark.values, "purple"))


def test_a_mark_above_the_agreements_is_kept_back(mexico: Mexico) -> None:
    mexico.agree(max_mark="green")
    issue(ON_THE_TRUCK, mark="amber")
    issue(ON_THE_TRUCK, mark="green")
    assert [copy["mark"] for copy in mexico.feed()] == ["green"]


def test_no_agreement_can_release_a_strict_mark(mexico: Mexico) -> None:
    with pytest.raises(Invalid):
        mexico.agree(max_mark="amber+strict")
    agreement = mexico.agree()
    with (
        pytest.raises(IntegrityError, match="agreement_releases_no_strict_mark"),
        transaction.atomic(),
    ):
        Agreement.objects.filter(pk=agreement.pk).update(max_mark="red")


def test_another_category_stays(mexico: Mexico) -> None:
    mexico.agree()
    issue(ON_THE_TRUCK, category="agricultural_pest")
    assert mexico.feed() == []


PERSONAL: list[Any] = [
    ("driver", "41000000000001"),
    ("driver_name", "Rosa Prueba"),
    ("shipper", "Rosa Prueba"),
    ("consignee", "Rosa Prueba"),
    ("carrier", "PUPR800517AB1"),
]


def test_no_personal_field_is_in_a_copy_unless_the_agreement_names_it(mexico: Mexico) -> None:
    mexico.agree()
    issue(*PERSONAL, ON_THE_TRUCK)
    (copy,) = mexico.feed()
    text = json.dumps(copy)
    for word in ("Rosa", "Prueba", "41000000000001", "PUPR", "Juan Perez", "reason"):
        assert word not in text
    assert copy["criteria"] == [[{"kind": "plate", "value": "TX NPL81"}]]
    assert set(Release.objects.get().withheld) == {"person", "parties", "reason"}


def test_an_agreement_can_name_personal_fields(mexico: Mexico) -> None:
    mexico.agree(fields=["person", "reason"])
    issue(("driver_name", "Rosa Prueba"))
    (copy,) = mexico.feed()
    assert copy["criteria"] == [[{"kind": "driver_name", "value": "Rosa Prueba"}]]
    assert "Juan Perez" in copy["reason"]


def test_a_clause_that_would_lose_a_part_is_left_out_whole(mexico: Mexico) -> None:
    """`Rosa in any truck of NRTE` without Rosa would be every truck of NRTE."""
    mexico.agree()
    issue([("carrier", "NRTE"), ("driver_name", "Rosa Prueba")])
    assert mexico.feed() == []


def test_an_agreement_signed_later_releases_what_is_there(mexico: Mexico) -> None:
    issue(ON_THE_TRUCK)
    assert mexico.feed() == []
    mexico.agree()
    assert len(mexico.feed()) == 1


def test_a_withdrawn_alert_is_recalled(mexico: Mexico) -> None:
    mexico.agree()
    alert = issue(ON_THE_TRUCK)
    alerts.end_alert(
        alert=alert, change="withdraw", note="Rosa is cleared.", by=TESTER, at=timezone.now()
    )
    (recall,) = mexico.feed()
    assert (recall["kind"], recall["id"]) == ("recall", str(alert.public_id))
    assert "Rosa" not in json.dumps(recall)


def test_a_mark_that_is_raised_recalls_the_copy(mexico: Mexico) -> None:
    mexico.agree()
    alert = issue(ON_THE_TRUCK)
    stricter = draft(ON_THE_TRUCK, mark="red")
    alerts.amend_alert(alert=alert, draft=stricter, by=TESTER, at=timezone.now())
    assert [copy["kind"] for copy in mexico.feed()] == ["recall"]


def test_a_changed_alert_replaces_its_copy(mexico: Mexico) -> None:
    mexico.agree()
    alert = issue(ON_THE_TRUCK)
    first = Release.objects.get().seq
    alerts.amend_alert(
        alert=alert, draft=draft(("plate", "TX OTHER1")), by=TESTER, at=timezone.now()
    )
    assert [copy["version"] for copy in mexico.feed()] == [2]
    assert [copy["version"] for copy in mexico.feed(after=first)] == [2]


def test_an_agreement_that_ends_recalls_everything(mexico: Mexico) -> None:
    agreement = mexico.agree()
    issue(ON_THE_TRUCK)
    end_agreement(agreement=agreement, by=TESTER, at=timezone.now())
    assert [copy["kind"] for copy in mexico.feed()] == ["recall"]


def test_an_agreement_past_its_period_gives_nothing_even_before_it_is_ended(
    mexico: Mexico,
) -> None:
    now = timezone.now()
    agreement = mexico.agree(valid_until=now + timedelta(days=1))
    issue(ON_THE_TRUCK)
    Agreement.objects.filter(pk=agreement.pk).update(
        valid_from=now - timedelta(days=2), valid_until=now - timedelta(seconds=1)
    )
    assert mexico.feed() == []
    assert end_due(by=TESTER, at=now) == 1
    assert [copy["kind"] for copy in mexico.feed()] == ["recall"]


def test_what_a_partner_sent_goes_to_no_other(mexico: Mexico) -> None:
    mexico.agree(accepts=["narcotics"])
    assert mexico.send(warning(mark="clear")).json()["received"][0]["state"] == "accepted"
    assert mexico.feed() == []
    assert not Release.objects.exists()


def test_feedback_and_seizure_follow_the_warning(mexico: Mexico) -> None:
    mexico.agree()
    alert = issue(ON_THE_TRUCK)
    now = timezone.now()
    feedback = give_feedback(
        alert=alert,
        result="found",
        note="Rosa said so.",
        mark="green",
        agency=agency(),
        by=TESTER,
        at=now,
    )
    report_seizure(
        feedback=feedback,
        taken=Taken("narcotics", "Bricks that Rosa hid", Decimal("12.5"), "kg", now),
        mark="green",
        agency=agency(),
        by=TESTER,
        at=now,
    )
    warning_copy, feedback_copy, seizure_copy = mexico.feed()
    assert feedback_copy["warning"] == warning_copy["id"]
    assert seizure_copy["feedback"] == feedback_copy["id"]
    assert seizure_copy["quantity"] == "12.5"
    assert "Rosa" not in json.dumps([feedback_copy, seizure_copy])


def test_what_a_partner_answered_goes_to_no_other(mexico: Mexico) -> None:
    """Its feedback and seizure on our warning are the partner's to pass on, not ours."""
    canada = make_partner("CA-CBSA", "CA")
    mexico.agree(accepts=["narcotics"])
    canada.agree()
    alert = issue(ON_THE_TRUCK)
    assert [copy["kind"] for copy in canada.feed()] == ["warning"]
    for body in (feedback(warning=str(alert.public_id)), seizure()):
        assert mexico.send(body).json()["received"][0]["state"] == "accepted"
    assert [copy["kind"] for copy in canada.feed()] == ["warning"]
    assert [copy["kind"] for copy in mexico.feed()] == ["warning"]


def test_a_seizure_after_a_strict_feedback_is_kept_back_with_it(mexico: Mexico) -> None:
    mexico.agree()
    alert, now = issue(ON_THE_TRUCK), timezone.now()
    told: dict[str, Any] = {"agency": agency(), "by": TESTER, "at": now}
    answer = give_feedback(alert=alert, result="found", note="", mark="red", **told)
    taken = Taken("narcotics", "Bricks", Decimal(1), "kg", now)
    report_seizure(feedback=answer, taken=taken, mark="green", **told)
    assert [copy["kind"] for copy in mexico.feed()] == ["warning"]


def test_releases_are_timed_in_their_order_whoever_began_first(mexico: Mexico) -> None:
    """A reader goes on from the last time that it saw."""
    mexico.agree()
    issue(ON_THE_TRUCK)
    issue(ON_THE_TRUCK, at=timezone.now() - timedelta(seconds=20))
    first, second = Release.objects.order_by("seq")
    assert second.released_at > first.released_at


def test_copies_under_an_agreement_that_ended_are_purged(mexico: Mexico) -> None:
    agreement = mexico.agree(fields=["vehicle", "note"])
    now = timezone.now()
    give_feedback(
        alert=issue(ON_THE_TRUCK),
        result="found",
        note="Rosa said so.",
        mark="green",
        agency=agency(),
        by=TESTER,
        at=now,
    )
    end_agreement(agreement=agreement, by=TESTER, at=now)
    later = now + timedelta(days=1)
    purge = next(kind.purge for kind in KINDS if kind.code == "exchanged")
    purge(later, 100)
    kept = {r.kind: r.payload is not None for r in Release.objects.order_by("seq")}
    assert kept == {"warning": False, "feedback": False, "recall": True}


def test_a_strict_feedback_is_kept_back(mexico: Mexico) -> None:
    mexico.agree()
    alert = issue(ON_THE_TRUCK)
    give_feedback(
        alert=alert,
        result="found",
        note="",
        mark="amber+strict",
        agency=agency(),
        by=TESTER,
        at=timezone.now(),
    )
    assert [copy["kind"] for copy in mexico.feed()] == ["warning"]
