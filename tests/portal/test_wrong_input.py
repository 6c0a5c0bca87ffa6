"""Every form of the portal answers wrong input in the same way: 400, and the page again."""

from django.test import Client

from tests.people import log_in, make_user
from tests.portal.test_matrix import READS, Scene, scene  # noqa: F401
from tests.wrong_input import sent_empty


def test_every_form_sent_empty_is_refused(scene: Scene) -> None:  # noqa: F811
    marta = scene.people.browser("marta")
    answers = sent_empty(marta, [scene.path(path) for path, _who in READS.values()])
    answers |= sent_empty(log_in(make_user("Nadia")), ["/portal/begin/"])
    assert {action: status for action, status in answers.items() if status != 400} == {}
    assert len(answers) >= 12, sorted(answers)


def test_the_verifier_given_nothing_asks_again(db: None) -> None:
    answer = Client().post("/verify/check", {"credential": ""})
    assert answer.status_code == 400
    assert "tt-field--error" in answer.content.decode()
