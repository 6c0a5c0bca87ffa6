"""What a member may do at the carrier's portal: a check that raises a sentence, and its twin."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Membership
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.core.errors import Refused

_ADMINISTRATORS = frozenset({MemberRole.ADMINISTRATOR})
_EDITORS = frozenset({MemberRole.ADMINISTRATOR, MemberRole.FLEET})


class NotYours(Refused):
    """A member asks for something that the role does not hold."""

    def __init__(self, text: str | Promise) -> None:
        super().__init__("role_too_small", text)


def _check(member: Membership, roles: frozenset[MemberRole], text: str | Promise) -> None:
    if member.role not in roles:
        raise NotYours(text)


def check_user_can_manage_company(member: Membership) -> None:
    _check(
        member,
        _ADMINISTRATORS,
        _("Only an administrator of your company can change its profile and application."),
    )


def check_user_can_manage_members(member: Membership) -> None:
    _check(member, _ADMINISTRATORS, _("Only an administrator of your company can manage members."))


def check_user_can_manage_integration(member: Membership) -> None:
    _check(
        member,
        _ADMINISTRATORS,
        _("Only an administrator of your company can manage keys and webhooks."),
    )


def check_user_can_appeal(member: Membership) -> None:
    _check(member, _ADMINISTRATORS, _("Only an administrator of your company can appeal."))


def check_user_can_edit_fleet(member: Membership) -> None:
    _check(
        member,
        _EDITORS,
        _("Your role lets you look at the fleet, but not change it. Ask an administrator."),
    )


def check_user_can_handle_credentials(member: Membership) -> None:
    _check(
        member,
        _EDITORS,
        _("Your role lets you look at credentials, but not have them issued or replaced."),
    )


def _twin(check: Callable[[Membership], None], member: Membership) -> bool:
    try:
        check(member)
    except NotYours:
        return False
    return True


def user_can_manage_company(member: Membership) -> bool:
    return _twin(check_user_can_manage_company, member)


def user_can_manage_members(member: Membership) -> bool:
    return _twin(check_user_can_manage_members, member)


def user_can_manage_integration(member: Membership) -> bool:
    return _twin(check_user_can_manage_integration, member)


def user_can_appeal(member: Membership) -> bool:
    return _twin(check_user_can_appeal, member)


def user_can_edit_fleet(member: Membership) -> bool:
    return _twin(check_user_can_edit_fleet, member)


def user_can_handle_credentials(member: Membership) -> bool:
    return _twin(check_user_can_handle_credentials, member)
