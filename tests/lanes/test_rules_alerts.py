"""The rules about alerts and holds, and decisions that were stored before there were any."""

from lanes.rules import Facts
from lanes.rules.facts import AlertFacts, Watch
from tests.lanes.facts import TRUSTED_FACTS, judged, with_


def test_hold_placed() -> None:
    assert judged(with_(held=True)).reasons == ("hold_placed",)


def test_alert_matches() -> None:
    found = (AlertFacts("a-1", False), AlertFacts("a-2", False))
    assert judged(with_(alerts=found)).reasons == ("alert_matches",)


def test_alert_possible() -> None:
    assert judged(with_(alerts=(AlertFacts("a-1", True),))).reasons == ("alert_possible",)


def test_alerts_not_checked() -> None:
    assert judged(with_(alerts_checked=False)).reasons == ("alerts_not_checked",)


def test_facts_with_alerts_survive_json_and_keep_no_keys() -> None:
    facts = with_(alerts=(AlertFacts("a-1", True),), held=True, watch=Watch(("plate=X",)))
    stored = facts.as_json()
    assert "watch" not in stored
    assert Facts.from_json(stored) == facts


def test_facts_from_before_alerts_are_judged_as_then() -> None:
    stored = TRUSTED_FACTS.as_json()
    for name in ("held", "alerts", "alerts_checked"):
        del stored[name]
    assert judged(Facts.from_json(stored)).reasons == ("trusted",)
