"""Nobody named in alerts can be read in the database; all are found, and go once it is over."""

import base64
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.alerts.sharing import Mexico, feedback, warning
from tests.alerts.writing import agency, draft, issue
from tests.cast import TESTER, TRIP, Cast
from tests.lanes.conftest import Gate
from trustedtruck.alerts.kinds import Kind, Value, keys_on
from trustedtruck.alerts.models import Alert, Filing, Hit, Inbound, Partner, Release, Term
from trustedtruck.alerts.services.alerts import amend_alert, end_alert, renew_alert
from trustedtruck.alerts.services.messages import give_feedback
from trustedtruck.audit import retention
from trustedtruck.core.errors import Refused
from trustedtruck.core.sealing import unseal

Decide = Callable[[], int]
ON_ROSA = ("driver_name", "Rosa Prueva")
TABLES = (
    "alert criterion term filing hit feedback seizure release inbound partner agreement finding"
)


def everything() -> str:
    """All that the tables of alerts hold, as a thief would read it."""
    with connection.cursor() as cursor:
        parts = " UNION ALL ".join(
            f"SELECT row_to_json(x)::text AS line FROM alerts_{table} x" for table in TABLES.split()
        )
        cursor.execute(f"SELECT string_agg(line, ' ') FROM ({parts}) every")
        return str(cursor.fetchone()[0])


def _answer(alert: Alert) -> None:
    give_feedback(
        alert=alert,
        result="found",
        note="Zacarias hid it.",
        mark="green",
        agency=agency(),
        by=TESTER,
        at=timezone.now(),
    )


def test_nobody_named_can_be_read_in_the_tables_of_alerts(
    cast: Cast, gate: Gate, decide_now: Decide, mexico: Mexico
) -> None:
    mexico.agree(fields=["vehicle", "person", "reason", "note"], accepts=["narcotics"])
    alert = issue(ON_ROSA, ("consignee", "Zoraida Quintanilla"))
    _answer(alert)
    named = [[{"kind": "driver_name", "value": "Zenobia Urrutia"}]]
    mexico.send(warning(criteria=named, reason="Zenobia drives it."))
    mexico.send(feedback(note="Zenobia drove it."))
    gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    assert Hit.objects.count() > 0
    assert Release.objects.count() > 0
    assert Inbound.objects.count() == 2
    text = everything()
    assert str(alert.public_id) in text
    for secret in (
        *("Rosa", "ROSA", "Prueva", "Prueba", "PRUEBA", "GARZA", "Juan Perez"),
        *("Zoraida", "ZORAIDA", "Quintanilla", "Zenobia", "ZENOBIA", "Urrutia", "Zacarias"),
    ):
        assert secret not in text, secret


def test_the_product_reads_what_it_sealed(cast: Cast, mexico: Mexico) -> None:
    mexico.agree(fields=["person", "reason"])
    alert = issue(ON_ROSA)
    assert Alert.objects.get(pk=alert.pk).reason.endswith("Juan Perez.")
    assert alert.criteria.get().value == "Rosa Prueva"
    assert ["plate", "TX NPL81"] in Filing.objects.get(ref=TRIP).values
    (copy,) = mexico.feed()
    assert copy["criteria"] == [[{"kind": "driver_name", "value": "Rosa Prueva"}]]


def test_the_keys_of_names_say_nothing_without_the_key(settings: Any) -> None:
    value = Value(Kind.DRIVER_NAME, "Rosa Prueba")
    mine = set(keys_on(value))
    assert len(mine) == 3
    settings.SECRET_KEY = "another"
    assert not mine & set(keys_on(value))


def test_the_same_criterion_is_kept_once_although_it_is_sealed(cast: Cast) -> None:
    alert = issue(("shipper", "Frutas del Rio"), ("shipper", "Frutas  del Rio"))
    assert alert.criteria.count() == 2
    amend_alert(
        alert=alert,
        draft=draft([("shipper", "Frutas del Rio"), ("shipper", "Frutas  del Rio")]),
        by=TESTER,
        at=timezone.now(),
    )
    assert alert.criteria.count() == 1


def test_keys_are_turned_over_all_of_it(cast: Cast, mexico: Mexico, settings: Any) -> None:
    old, new = (base64.urlsafe_b64encode(os.urandom(32)).decode() for _ in range(2))
    settings.FIELD_ENCRYPTION_KEYS = [old, *settings.FIELD_ENCRYPTION_KEYS]
    mexico.agree(fields=["person", "reason"])
    issue(ON_ROSA)
    mexico.send(warning())
    call_command("rotate_keys")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    with pytest.raises(SystemExit):
        call_command("rotate_keys", "--check")
    call_command("rotate_keys")
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Filing.objects.get(ref=TRIP).values
    assert Release.objects.get().payload["reason"]
    assert Inbound.objects.get().body["id"] == "anam-2026-17"
    assert Term.objects.filter(names__isnull=False).first() is not None
    assert unseal(Partner.objects.get().sealed_inbox_secret).startswith("whsec_")
    issue(("plate", "NPL81"))
    assert Hit.objects.get().matched == [["plate", "TX NPL81"]]


def _in(days: int) -> dict[str, int]:
    return retention.purge(by=TESTER, at=timezone.now() + timedelta(days=days))


def test_who_was_named_goes_and_that_it_was_stays(cast: Cast, mexico: Mexico) -> None:
    mexico.agree(fields=["vehicle", "reason", "note"], accepts=["narcotics"])
    alert, standing = issue(ON_ROSA, ("plate", "NPL81")), issue(("plate", "NPL81"))
    _answer(alert)
    mexico.send(warning())
    end_alert(alert=alert, change="withdraw", note="Over.", by=TESTER, at=timezone.now())
    assert not any(_in(days=1).values())
    done = _in(days=5 * 365 + 1)
    assert done["alerts"] == 1
    assert done["hits"] == Hit.objects.count() > 0
    assert done["exchanged"] > 1
    alert.refresh_from_db()
    assert (alert.reason, alert.criteria.count(), alert.feedback.get().note) == ("-", 0, "")
    assert standing.criteria.exists()
    assert not Hit.objects.filter(matched__isnull=False).exists()
    assert Inbound.objects.get().body is None
    assert Release.objects.filter(gone_at__isnull=True, payload__isnull=False).exists()
    assert not Release.objects.filter(gone_at__isnull=False, payload__isnull=False).exists()
    assert not any(_in(days=5 * 365 + 1).values())


def test_what_was_purged_cannot_be_put_in_force_again(cast: Cast) -> None:
    alert = issue(("plate", "NPL81"))
    at = timezone.now()
    Alert.objects.filter(pk=alert.pk).update(state="expired", ended_by="beat", ended_at=at)
    _in(days=5 * 365 + 1)
    with pytest.raises(Refused, match="alert_purged"):
        renew_alert(
            alert=alert,
            valid_until=None,
            review_date=(at + timedelta(days=9)).date(),
            note="Again.",
            by=TESTER,
            at=at,
        )
