"""Something of everything that officers see of alerts, for looking at pages."""

from datetime import timedelta

from django.utils import timezone

from tests.alerts.sharing import make_partner, warning
from tests.alerts.writing import agency, issue
from tests.cast import TESTER
from trustedtruck.alerts.services.alerts import expire_due
from trustedtruck.alerts.services.findings import Pattern, note_patterns
from trustedtruck.alerts.services.messages import give_feedback


def set_scene() -> dict[str, str]:
    """A partner with an agreement and a message in quarantine, an alert with hits, feedback and
    copies, one that expired, and a pattern. The ids that addresses need."""
    now = timezone.now()
    mexico = make_partner()
    mexico.agree(fields=["vehicle", "cargo", "instruction"], accepts=["false_origin"])
    alert = issue(("plate", "NPL81"), [("driver_name", "Rosa Prueva"), ("carrier", "NRTE")])
    expired = issue(("seal", "OLD00001"), valid_until=now + timedelta(hours=1))
    expire_due(by=TESTER, at=now + timedelta(hours=2))
    give_feedback(
        alert=alert,
        result="found",
        note="Behind the front wall.",
        mark="green",
        agency=agency(),
        by=TESTER,
        at=now,
    )
    assert mexico.send(warning()).status_code == 200
    shared = {
        "carriers": ["NRTE", "SURR"],
        "things": [["plate", "TX NPL81"], ["plate", "TX NPL82"]],
    }
    note_patterns(found=[Pattern("shell", "NRTE, SURR", shared)], by=TESTER, at=now)
    return {"alert": str(alert.public_id), "expired": str(expired.public_id)}
