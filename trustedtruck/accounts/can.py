"""What a person may do: a check that refuses with a sentence, and its twin that says yes or no."""

from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission, permissions_of
from trustedtruck.core.errors import DomainError, Text


class NotAllowed(DomainError):
    """The officer's roles or ports do not hold what the page or change needs."""

    def __init__(self, text: Text) -> None:
        super().__init__("not_allowed", text, 403)


def check_user_is_officer(user: User) -> None:
    if not user.is_active or not user.is_officer:
        raise NotAllowed(_("This is for officers."))


def check_user_can(user: User, permission: Permission, port_code: str | None = None) -> None:
    """Raises `NotAllowed`. With a port, the officer must work there too."""
    check_user_is_officer(user)
    if permission not in permissions_of(user.roles):
        raise NotAllowed(
            _("Your roles do not hold this permission: %(what)s.") % {"what": permission.label}
        )
    if port_code is not None and not user.works_at(port_code):
        raise NotAllowed(_("You do not work at this port."))


def user_can(user: User, permission: Permission, port_code: str | None = None) -> bool:
    try:
        check_user_can(user, permission, port_code)
    except NotAllowed:
        return False
    return True
