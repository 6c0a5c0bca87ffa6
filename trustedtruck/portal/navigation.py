"""The portal's menu in its groups. A new page of the portal adds one line here.

`pages` are the names of the views under which the entry is marked as the present one.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Membership
from trustedtruck.carriers.permissions import user_can_manage_integration


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is the kind of fleet of an entry that shares its page with others."""

    label: str | Promise
    page: str
    pages: tuple[str, ...] = ()
    kind: str = ""
    for_administrators: bool = False

    def holds(self, view: str, kind: str) -> bool:
        return kind == self.kind and (view == self.page or view in self.pages)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as a page shows it; `current` is a value of `aria-current`, or empty."""

    label: str | Promise
    address: str
    current: str
    page: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str | Promise
    links: list[Link]


_FLEET = ("fleet-add", "fleet-entry", "import-upload", "document-add")
MENU: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("Company"),
        (
            Entry(_("Overview"), "home"),
            Entry(_("Application"), "application", ("category", "submit", "inform")),
            Entry(_("Company profile"), "company", ("identity",)),
            Entry(_("People"), "people"),
            Entry(_("Standing"), "standing", ("plan", "appeal")),
            Entry(_("Partners (SVI)"), "svi"),
        ),
    ),
    (
        _("Fleet"),
        (
            Entry(_("Trucks"), "fleet", _FLEET, "trucks"),
            Entry(_("Trailers"), "fleet", _FLEET, "trailers"),
            Entry(_("Drivers"), "fleet", _FLEET, "drivers"),
            Entry(_("Documents"), "documents"),
            Entry(_("Insurance"), "insurance"),
            Entry(_("Credentials"), "credentials", ("credential", "wallet-offer")),
        ),
    ),
    (
        _("Border"),
        (
            Entry(
                _("Manifests"),
                "trips",
                ("trip", "trip-new", "trip-upload", "trip-message", "certificate"),
            ),
            Entry(_("Crossings"), "crossings", ("crossing",)),
        ),
    ),
    (
        _("Settings"),
        (
            Entry(_("Notices"), "notices"),
            Entry(
                _("Keys and webhooks"),
                "integration",
                ("key-add", "webhook-add"),
                for_administrators=True,
            ),
        ),
    ),
)


def menu(request: HttpRequest, member: Membership) -> list[Group]:
    """The groups with what this member may open."""
    match = request.resolver_match
    view = match.url_name or "" if match else ""
    kind = str(match.kwargs.get("kind", "")) if match else ""
    administrates = user_can_manage_integration(member)
    return [
        Group(
            title,
            [
                _link(entry, view, kind)
                for entry in entries
                if administrates or not entry.for_administrators
            ],
        )
        for title, entries in MENU
    ]


def _link(entry: Entry, view: str, kind: str) -> Link:
    here = entry.holds(view, kind)
    current = "" if not here else "page" if view == entry.page else "true"
    args = [entry.kind] if entry.kind else []
    return Link(entry.label, reverse(f"portal:{entry.page}", args=args), current, entry.page)
