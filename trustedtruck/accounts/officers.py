"""Officers: added, changed, blocked. What somebody may do changes only here, and on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.roles import Role
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import FieldError, Invalid, Refused


@dataclass(frozen=True, slots=True)
class Duties:
    """What an officer is, and where."""

    agency: Agency
    roles: Sequence[str]
    ports: Sequence[str]


def _data(user: User) -> dict[str, object]:
    return {"agency": user.agency_id, "roles": sorted(user.roles), "ports": sorted(user.ports)}


def _check(duties: Duties) -> None:
    if not duties.roles or not set(duties.roles) <= set(Role.values):
        raise Invalid(
            (FieldError("roles", "required", _("Choose at least one role.")),),
            _("Some fields are wrong."),
        )


@transaction.atomic
def add_officer(
    *,
    username: str,
    email: str,
    first_name: str,
    last_name: str,
    duties: Duties,
    by: Actor,
    at: datetime,
) -> User:
    """An account without a password: the officer sets one by the link of “Forgot password”."""
    _check(duties)
    try:
        with transaction.atomic():
            user = User.objects.create(
                username=username,
                email=email,
                first_name=first_name,
                last_name=last_name,
                password=make_password(None),
                agency=duties.agency,
                roles=list(duties.roles),
                ports=list(duties.ports),
            )
    except IntegrityError:
        raise Invalid(
            (FieldError("username", "taken", _("This user name is taken.")),),
            _("Some fields are wrong."),
        ) from None
    audit.record(
        "officer.added",
        by=by,
        subject_kind="user",
        subject_id=user.pk,
        data={"username": username, **_data(user)},
    )
    return user


@transaction.atomic
def add_first_administrator(
    *,
    username: str,
    email: str,
    first_name: str,
    last_name: str,
    agency: Agency,
    by: Actor,
    at: datetime,
) -> User:
    """The first officer of a new installation, and the agency where it is not known yet.

    Refused once there is an administrator: from then on administrators appoint one another.
    """
    administrator = Role.SYSTEM_ADMINISTRATOR
    if User.objects.filter(roles__contains=[administrator], is_active=True).exists():
        raise Refused(
            "administrator_exists",
            _("There is an administrator already, who adds others in the console."),
        )
    found, _new = Agency.objects.get_or_create(
        code=agency.code, defaults={"name": agency.name, "country": agency.country}
    )
    return add_officer(
        username=username,
        email=email,
        first_name=first_name,
        last_name=last_name,
        duties=Duties(agency=found, roles=[administrator], ports=[]),
        by=by,
        at=at,
    )


@transaction.atomic
def change_officer(*, user: User, duties: Duties, by: Actor, at: datetime) -> User:
    """Nobody changes what they may do themselves."""
    _not_oneself(user, by)
    _check(duties)
    user = User.objects.select_for_update().get(pk=user.pk)
    before = _data(user)
    user.agency, user.roles, user.ports = duties.agency, list(duties.roles), list(duties.ports)
    user.save(update_fields=["agency", "roles", "ports"])
    audit.record(
        "officer.changed",
        by=by,
        subject_kind="user",
        subject_id=user.pk,
        data={"username": user.username, "before": before, "after": _data(user)},
    )
    return user


@transaction.atomic
def block_officer(*, user: User, reason: str, by: Actor, at: datetime) -> User:
    """The account ends with this commit; open pages are refused at the next click."""
    _not_oneself(user, by)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise Refused("officer_blocked_already", _("This officer is blocked already."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record(
        "officer.blocked",
        by=by,
        subject_kind="user",
        subject_id=user.pk,
        data={"username": user.username, "reason": reason},
    )
    return user


def _not_oneself(user: User, by: Actor) -> None:
    if str(user.actor) == str(by):
        raise Refused("own_duties", _("Another administrator must do this for you."))
