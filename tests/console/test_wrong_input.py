"""Every form of the console answers wrong input in the same way: 400, and the page again."""

from tests.console.conftest import Staff
from tests.console.test_every_page import busy, pages  # noqa: F401
from tests.people import log_in
from tests.wrong_input import sent_empty
from trustedtruck.accounts.models import User


def test_every_form_sent_empty_is_refused(
    staff: Staff,
    busy: tuple[str, User],  # noqa: F811
) -> None:
    arrival, officer = busy
    answers = sent_empty(log_in(officer), pages(staff, arrival))
    assert {action: status for action, status in answers.items() if status != 400} == {}
    assert len(answers) >= 20, sorted(answers)
