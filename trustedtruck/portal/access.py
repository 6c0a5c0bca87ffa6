"""Who stands before a page of the portal, and what the page lets that person do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from trustedtruck.accounts.models import User
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers import permissions
from trustedtruck.carriers.models import Carrier, Membership, Notice
from trustedtruck.core.errors import Refused
from trustedtruck.portal import navigation

Check = Callable[[Membership], None]


@dataclass(frozen=True)
class Member:
    """A person with the carrier that all of the portal's queries begin from."""

    user: User
    membership: Membership

    @property
    def carrier(self) -> Carrier:
        return self.membership.carrier

    @property
    def actor(self) -> Actor:
        actor = self.user.actor
        return Actor(actor.kind, actor.id, actor.label, on_behalf_of=f"carrier:{self.carrier.pk}")

    @property
    def can(self) -> dict[str, bool]:
        """The twins of the checks, for templates."""
        member = self.membership
        return {
            "manage_company": permissions.user_can_manage_company(member),
            "manage_members": permissions.user_can_manage_members(member),
            "manage_integration": permissions.user_can_manage_integration(member),
            "appeal": permissions.user_can_appeal(member),
            "edit_fleet": permissions.user_can_edit_fleet(member),
            "handle_credentials": permissions.user_can_handle_credentials(member),
        }

    @property
    def unread(self) -> int:
        notices = Notice.objects.filter(carrier=self.carrier)
        if self.membership.notices_read_at:
            notices = notices.filter(at__gt=self.membership.notices_read_at)
        return notices.count()


# A view of the portal: it is given the member beside the request.
Page = Callable[Concatenate[HttpRequest, Member, ...], HttpResponseBase]


def member_of(user: User) -> Member | None:
    membership = Membership.objects.select_related("carrier").filter(user=user).first()
    return Member(user, membership) if membership else None


def member_page(
    *, writes: Check | None = None, needs: Check | None = None
) -> Callable[[Page], Callable[..., HttpResponseBase]]:
    """A page for members. `needs` bars the page, `writes` only its POST, with a sentence."""

    def wrap(view: Page) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def page(request: HttpRequest, **found: Any) -> HttpResponseBase:
            user = request.user
            assert isinstance(user, User)  # noqa: S101 - login_required lets no other through
            member = member_of(user)
            if member is None:
                return redirect("portal:begin")
            check = needs or (writes if request.method == "POST" else None)
            if check is not None:
                try:
                    check(member.membership)
                except Refused as refusal:
                    return refused(request, member, refusal)
            return view(request, member, **found)

        return page

    return wrap


def context_of(request: HttpRequest, member: Member) -> dict[str, Any]:
    """What every page of the portal knows."""
    return {
        "member": member,
        "can": member.can,
        "menu": navigation.menu(request, member.membership),
    }


def refused(request: HttpRequest, member: Member, refusal: Refused) -> HttpResponse:
    context = context_of(request, member) | {"text": refusal.text}
    return render(request, "portal/refused.html", context, status=403)
