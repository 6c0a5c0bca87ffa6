"""How the console writes codes, matches, evidence and partners' messages of alerts."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django import template
from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lanes.models import Port
from trustedtruck.accounts.models import User
from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models import Category, Feedback, Hit, Release, Severity
from trustedtruck.alerts.models.sharing import Field
from trustedtruck.alerts.queries.visible import PERSONS, is_foreign

register = template.Library()
_CHOICES: dict[str, type[TextChoices]] = {
    "kind": Release.Kind,
    "mark": Mark,
    "category": Category,
    "severity": Severity,
    "field": Field,
    "result": Feedback.Result,
}
_PARTS = {
    "kind": _("Kind"),
    "mark": _("Mark"),
    "category": _("Category"),
    "severity": _("Severity"),
    "issued_at": _("Issued at"),
    "valid_from": _("In force from"),
    "valid_until": _("In force until"),
    "criteria": _("On"),
    "instruction": _("What to do with the truck"),
    "reason": _("Reason"),
    "warning": _("Answers the warning"),
    "feedback": _("Answers the feedback"),
    "result": _("What came of it"),
    "sent_at": _("Sent at"),
    "note": _("Note"),
    "hs_code": _("Commodity code (HS)"),
    "quantity": _("Quantity"),
    "unit": _("Unit"),
    "port": _("Port"),
    "seized_at": _("Seized at"),
    "goods": _("What was seized"),
    "concealment": _("How it was hidden"),
}
_TIMES = {"issued_at", "valid_from", "valid_until", "sent_at", "seized_at"}
_EVIDENCE = {
    "heading": _("HS heading"),
    "usual origin": _("Usual origin"),
    "otherwise": _("Otherwise"),
    "goods": _("Goods"),
    "this one": _("This one"),
    "the median": _("The median"),
    "carriers": _("Carriers"),
    "things": _("What they share"),
    "seized": _("Seized at"),
    "trips": _("Trips"),
}


@register.filter
def labels(codes: Iterable[str], of: str) -> str:
    """Codes of a list in the reader's words: `agreement.categories|labels:"category"`."""
    return ", ".join(_label(_CHOICES[of], code) for code in codes) or "—"


@register.filter
def at_port(ports: Iterable[Port], code: str) -> Port | None:
    """The one of the officer's ports that has this code."""
    return next((port for port in ports if port.code == code), None)


@register.filter
def of_a_partner(officer: User) -> bool:
    """Whether the reader's agency is a partner with a system of its own."""
    return is_foreign(officer)


@register.simple_tag
def matched(hit: Hit, people: bool) -> list[tuple[str, str]]:
    """(what it is, value) of what matched; the value is empty where it is not for this reader."""
    return [_part(kind, value, people) for kind, value in hit.matched or []]


@register.simple_tag
def message_rows(body: dict[str, Any] | None, people: bool) -> list[tuple[str, str]]:
    """A partner's message by its parts, without what every message is numbered with."""
    rows = []
    for name, label in _PARTS.items():
        value = (body or {}).get(name)
        if value in (None, ""):
            continue
        if name == "criteria":
            text = _criteria(value, people)
        elif name in _CHOICES:
            text = _label(_CHOICES[name], str(value))
        elif name in _TIMES:
            text = _time(str(value))
        else:
            text = str(value)
        rows.append((str(label), text))
    return rows


@register.simple_tag
def evidence(found: dict[str, Any], people: bool) -> list[tuple[str, list[str]]]:
    """(what it is, the rows that show it) of a pattern."""
    shown = []
    for name, value in found.items():
        if name == "things":
            rows = [_written(kind, text, people) for kind, text in value]
        elif name == "seized":
            rows = [_time(str(value))]
        else:
            rows = [str(v) for v in value] if isinstance(value, list) else [str(value)]
        shown.append((str(_EVIDENCE.get(name, name)), rows))
    return shown


def _criteria(clauses: list[list[dict[str, str]]], people: bool) -> str:
    """Parts of one clause with +, clauses with "or", as the alert's page writes them."""
    written = [
        " + ".join(_written(one["kind"], one["value"], people) for one in clause)
        for clause in clauses
    ]
    return f" {gettext('or')} ".join(written)


def _time(text: str) -> str:
    """As the pages write times; what is none stays as it came."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return text
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at and at.tzinfo else text


def _written(kind: str, value: str, people: bool) -> str:
    label, shown = _part(kind, value, people)
    return f"{label} {shown or '(' + gettext('your roles do not show who') + ')'}"


def _part(kind: str, value: str, people: bool) -> tuple[str, str]:
    label = gettext("address") if kind == "address" else _label(Kind, kind)
    return label, "" if kind in PERSONS and not people else value


def _label(choices: type[TextChoices], code: str) -> str:
    return str(choices(code).label) if code in choices.values else code
