"""Roles: the table is whole, its page is current, and the check says why it refuses."""

import pytest
from django.core.management import call_command

from tests.people import make_officer, make_user
from trustedtruck.accounts.can import NotAllowed, check_user_can, user_can
from trustedtruck.accounts.roles import ROLES, Permission, Role, permissions_of


def test_every_role_is_described() -> None:
    assert set(ROLES) == set(Role)
    assert all(str(described.text).endswith(".") for described in ROLES.values())


def test_every_permission_is_held_by_somebody() -> None:
    assert permissions_of(list(Role.values)) == set(Permission)


def test_an_auditor_changes_nothing() -> None:
    assert all(
        p.endswith("_read") or p == Permission.SEARCH for p in ROLES[Role.AUDITOR].permissions
    )


def test_the_administrator_decides_about_no_truck_and_no_carrier() -> None:
    held = ROLES[Role.SYSTEM_ADMINISTRATOR].permissions
    assert not held & {
        Permission.TRUCK_REFER,
        Permission.TRUCK_HOLD,
        Permission.LANE_CHANGE,
        Permission.POLICY_APPROVE,
        Permission.ENROLMENT_WRITE,
    }


def test_an_unknown_role_holds_nothing() -> None:
    assert permissions_of(["emperor"]) == frozenset()


def test_the_page_is_what_the_table_says() -> None:
    call_command("roles", "--check")


@pytest.mark.django_db
def test_a_refusal_names_the_permission() -> None:
    gus = make_officer("Gus", Role.GATE_OPERATOR, ports=["2304"])
    check_user_can(gus, Permission.LANE_CHANGE, "2304")
    with pytest.raises(NotAllowed, match="close alarms"):
        check_user_can(gus, Permission.ALARM_CLOSE, "2304")


@pytest.mark.django_db
def test_an_officer_acts_at_the_own_ports_only() -> None:
    gus = make_officer("Gus", Role.GATE_OPERATOR, ports=["2304"])
    assert user_can(gus, Permission.BOARD_READ, "2304")
    assert not user_can(gus, Permission.BOARD_READ, "2506")


@pytest.mark.django_db
def test_who_is_no_officer_may_nothing() -> None:
    nadia = make_user("Nadia")
    assert not any(user_can(nadia, p) for p in Permission)
    gus = make_officer("Gus", Role.SUPERVISOR, ports=["2304"])
    gus.is_active = False
    assert not any(user_can(gus, p) for p in Permission)
