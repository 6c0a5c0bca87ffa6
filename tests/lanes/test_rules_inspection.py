"""Rules about exams that an earlier arrival left open."""

from lanes.rules import Facts
from lanes.rules.facts import Owed
from tests.lanes.facts import NOW, TRUSTED_FACTS, judged, with_


def owing(*, due_at: float, appeared_at: float | None = None) -> Facts:
    return with_(owed=(Owed("earlier", "nii-1", due_at, appeared_at),))


def test_exam_owed() -> None:
    assert judged(owing(due_at=NOW + 60)).reasons == ("exam_owed",)
    assert judged(owing(due_at=NOW - 60, appeared_at=NOW - 90)).reasons == ("exam_owed",)
    assert judged(TRUSTED_FACTS).route == "fast"


def test_exam_not_appeared() -> None:
    assert judged(owing(due_at=NOW - 1)).reasons == ("exam_owed", "exam_not_appeared")
    assert "exam_not_appeared" in judged(owing(due_at=float("nan"))).reasons


def test_owed_exams_survive_a_round_trip() -> None:
    facts = owing(due_at=NOW, appeared_at=NOW - 1)
    assert Facts.from_json(facts.as_json()) == facts
