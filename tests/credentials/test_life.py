"""The life of a credential, and sanctions on its carrier."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.cast import TESTER, Cast
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Notice, Truck
from trustedtruck.carriers.notices import WORDS
from trustedtruck.core.errors import Refused
from trustedtruck.core.transitions import TransitionRefused
from trustedtruck.credentials import services
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.queries.keys import current_keys
from trustedtruck.credentials.states import CREDENTIAL, CredentialState, Reason
from trustedtruck.credentials.verify import verify_qr, verify_vc_jwt


def states(cast: Cast) -> Counter[str]:
    rows = Credential.objects.filter(carrier=cast.norte)
    return Counter(rows.values_list("state", flat=True))


def fresh(row: Credential) -> Credential:
    return Credential.objects.get(pk=row.pk)


def test_both_forms_verify_and_say_the_same(cast: Cast) -> None:
    row, at = cast.credentials["truck"], timezone.now()
    by_qr = verify_qr(row.qr, at=at, keys=current_keys())
    by_jwt = verify_vc_jwt(row.vc_jwt, at=at, keys=current_keys())
    assert by_qr.ok
    assert by_jwt.ok
    for name in ("public_id", "kind", "subject_id", "tag_epc", "plate_number", "valid_until"):
        assert getattr(by_qr.claims, name) == getattr(by_jwt.claims, name), name
    assert by_qr.claims.subject_id == cast.truck.public_id
    assert by_qr.claims.tag_epc == cast.truck.tag_epc
    assert by_qr.claims.status_index == by_jwt.claims.status_index == row.status_index


def test_a_renewal_supersedes_at_once(cast: Cast) -> None:
    old, at = cast.credentials["truck"], timezone.now() + timedelta(days=300)
    new = services.renew(credential=old, by=TESTER, at=at)
    assert fresh(old).state == CredentialState.SUPERSEDED
    assert (new.state, new.replaces_id) == ("active", old.pk)
    assert new.valid_until > old.valid_until
    assert new.status_index != old.status_index
    assert Event.objects.filter(action="credential.renewed", subject_id=str(old.pk)).count() == 1


def test_a_reissue_keeps_the_end(cast: Cast) -> None:
    old = cast.credentials["rosa"]
    new = services.reissue(credential=old, by=TESTER, at=timezone.now(), reason=Reason.LOST)
    assert new.valid_until == old.valid_until
    assert fresh(old).state == CredentialState.SUPERSEDED


def test_a_replacement_is_no_way_out_of_a_suspension(cast: Cast) -> None:
    row, at = cast.credentials["truck"], timezone.now()
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.UNDER_INVESTIGATION)
    for change in (services.renew, services.reissue):
        with pytest.raises(TransitionRefused):
            change(credential=row, by=TESTER, at=at, reason=Reason.LOST)
    with pytest.raises(Refused, match="already_issued"):
        services.issue_credentials([cast.truck], by=TESTER, at=at)


def test_revoked_is_for_good(cast: Cast) -> None:
    row, at = cast.credentials["truck"], timezone.now()
    services.revoke(credential=row, by=TESTER, at=at, reason=Reason.FRAUD)
    assert fresh(row).state == CredentialState.REVOKED
    assert fresh(row).reason == Reason.FRAUD
    for change in (services.reinstate, services.suspend, services.revoke):
        with pytest.raises(TransitionRefused):
            change(credential=row, by=TESTER, at=at, reason=Reason.CLEARED)


def test_an_unknown_reason_changes_nothing(cast: Cast) -> None:
    row = cast.credentials["truck"]
    with pytest.raises(ValueError, match="because"):
        services.revoke(credential=row, by=TESTER, at=timezone.now(), reason="because")
    assert fresh(row).state == CredentialState.ACTIVE


def test_expiry_is_marked_and_frees_the_subject(cast: Cast) -> None:
    at = timezone.now() + timedelta(days=366)
    assert services.expire_due(by=TESTER, at=at) == len(cast.credentials)
    assert states(cast) == {"expired": 4}
    (new,) = services.issue_credentials([cast.truck], by=TESTER, at=at)
    assert new.state == CredentialState.ACTIVE


def test_a_sanction_takes_all_and_lifting_restores_only_that(cast: Cast) -> None:
    at = timezone.now()
    own = cast.credentials["luis"]
    services.suspend(credential=own, by=TESTER, at=at, reason=Reason.DOCUMENT_EXPIRED)
    sanction = services.sanction_carrier(
        carrier=cast.norte, by=TESTER, at=at, reason=Reason.SECURITY_INCIDENT
    )
    assert states(cast) == {"suspended": 4}
    assert sanction.credentials.count() == 3
    assert fresh(cast.credentials["ana"]).state == CredentialState.ACTIVE
    services.lift_sanction(carrier=cast.norte, by=TESTER, at=at)
    assert states(cast) == {"active": 3, "suspended": 1}
    assert fresh(own).state == CredentialState.SUSPENDED


def test_a_second_ground_outlives_the_sanction(cast: Cast) -> None:
    at, row = timezone.now(), cast.credentials["truck"]
    services.sanction_carrier(carrier=cast.norte, by=TESTER, at=at, reason=Reason.SECURITY_INCIDENT)
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    with pytest.raises(Refused, match="carrier_not_certified"):
        services.reinstate(credential=row, by=TESTER, at=at)
    services.lift_sanction(carrier=cast.norte, by=TESTER, at=at)
    assert states(cast) == {"active": 3, "suspended": 1}
    services.reinstate(credential=row, by=TESTER, at=at)
    assert states(cast) == {"active": 4}


def test_a_sanctioned_carrier_gets_no_new_credential(cast: Cast) -> None:
    at = timezone.now()
    services.sanction_carrier(carrier=cast.norte, by=TESTER, at=at, reason=Reason.FRAUD)
    with pytest.raises(Refused, match="carrier_not_certified"):
        services.issue_credentials([cast.norte], by=TESTER, at=at)


def test_removing_a_carrier_revokes_all(cast: Cast) -> None:
    services.remove_carrier(carrier=cast.norte, by=TESTER, at=timezone.now())
    assert states(cast) == {"revoked": 4}


def test_all_or_none_are_issued(cast: Cast) -> None:
    before = Credential.objects.count()
    with pytest.raises(Refused, match="already_issued"):
        services.issue_credentials([cast.norte, cast.truck], by=TESTER, at=timezone.now())
    assert Credential.objects.count() == before


def test_a_retired_truck_gets_none(cast: Cast) -> None:
    Truck.objects.filter(pk=cast.truck.pk).update(retired_at=timezone.now())
    cast.truck.refresh_from_db()
    with pytest.raises(Refused, match="subject_retired"):
        services.issue_credentials([cast.truck], by=TESTER, at=timezone.now())


@pytest.mark.parametrize(
    "change",
    [
        {"state": "lost"},
        {"truck": None},
        {"kind": "driver"},
        {"status_index": 131_072},
        {"tag_epc": "xyz"},
    ],
)
def test_the_database_refuses_what_makes_no_sense(cast: Cast, change: dict[str, object]) -> None:
    row = Credential.objects.filter(pk=cast.credentials["truck"].pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(**change)


def test_the_database_has_one_live_credential_and_one_index_each(cast: Cast) -> None:
    row, other = cast.credentials["truck"], cast.credentials["other_truck"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.filter(pk=other.pk).update(truck=cast.truck)
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.filter(pk=other.pk).update(status_index=row.status_index)


def test_every_turn_names_its_owner_action_and_notification() -> None:
    for turn in CREDENTIAL:
        assert turn.owner in {"enrolment_officer", "system"}
        assert turn.action.startswith("credential.")
        assert turn.notify == "carrier"
    assert "active --> revoked: revoke" in CREDENTIAL.mermaid()


def told(cast: Cast) -> list[tuple[str, int]]:
    rows = Notice.objects.filter(carrier=cast.norte, topic="credentials").order_by("pk")
    return [(row.code, row.data["count"]) for row in rows]


def test_the_carrier_is_told_of_every_turn(cast: Cast) -> None:
    at, row = timezone.now(), cast.credentials["truck"]
    Notice.objects.all().delete()
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.UNDER_INVESTIGATION)
    services.reinstate(credential=row, by=TESTER, at=at)
    row = services.reissue(credential=row, by=TESTER, at=at, reason=Reason.DAMAGED)
    row = services.renew(credential=row, by=TESTER, at=at)
    services.sanction_carrier(carrier=cast.norte, by=TESTER, at=at, reason=Reason.SECURITY_INCIDENT)
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    services.lift_sanction(carrier=cast.norte, by=TESTER, at=at)
    services.revoke(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    services.issue_credentials([cast.truck], by=TESTER, at=at)
    services.expire_due(by=TESTER, at=at + timedelta(days=366))
    assert told(cast) == [
        ("credential_suspended", 1),
        ("credential_reinstated", 1),
        ("credential_reissued", 1),
        ("credential_renewed", 1),
        ("credential_suspended", 4),
        ("credential_suspended_also", 1),
        ("credential_reinstated", 3),
        ("credential_revoked", 1),
        ("credential_issued", 1),
        ("credential_expired", 4),
    ]
    assert {code for code, _count in told(cast)} == {
        turn.action.replace(".", "_") for turn in CREDENTIAL
    }
    for notice in Notice.objects.filter(topic="credentials"):
        assert notice.code in WORDS


def test_a_turn_that_does_not_happen_tells_nobody(cast: Cast) -> None:
    before = Notice.objects.count()
    with pytest.raises(Refused, match="already_issued"):
        services.issue_credentials([cast.truck], by=TESTER, at=timezone.now())
    assert Notice.objects.count() == before
