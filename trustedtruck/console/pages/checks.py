"""Looking back: what a policy would have changed, and whether chance explains who was inspected."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lanes.bias.report import FALSE_SHARE, Found, flagged, report
from lanes.models import Arrival, Policy, ShadowDifference, ShadowRun
from lanes.queries.bias import observed
from lanes.queries.replay import under
from lanes.reasons import reason_text
from lanes.rules.policy import Policy as Rules
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.console.periods import PeriodForm

SHOWN = 200
Text = str | Promise
KINDS = {
    "draws": _("Drawn at random"),
    "favours": _("Let into the fast lane against the decision"),
    "burdens": _("Sent to inspection against the decision"),
}
GROUPS = {
    "carrier": _("by carrier"),
    "hour": _("by hour of the day"),
    "lane": _("by lane"),
    "officer": _("by officer"),
    "officer and carrier": _("by officer and carrier"),
}


@dataclass(frozen=True)
class Other:
    """A truck that a policy decides otherwise; reasons as sentences."""

    arrival_id: UUID
    plate: str
    arrived_at: datetime
    then_route: str
    then: list[Text]
    now_route: str
    now: list[Text]


@dataclass(frozen=True)
class Comparison:
    """`moves` are (route then, route now, trucks), `reasons` (sentence, then, now)."""

    decisions: int | None
    moves: list[tuple[str, str, int]]
    reasons: list[tuple[Text, int, int]]
    trucks: list[Other]
    more: int


@require_safe
@officer_page(Permission.POLICY_READ)
def compare(request: HttpRequest, officer: User, code: str, version: int) -> HttpResponse:
    """A version over a past period and beside the live one: in sum, and truck by truck."""
    port, found = port_or_404(code), get_object_or_404(Policy, port=code, version=version)
    form = PeriodForm(request.GET, port_code=code, now=timezone.now())
    run = ShadowRun.objects.filter(policy=found).order_by("-started_at").first()
    context = {
        "policy": found,
        "form": form,
        "past": _past(found, form),
        "run": run,
        "live": _live(run) if run else None,
    }
    return show(request, officer, "console/policy_compare.html", context, port=port)


def _past(policy: Policy, form: PeriodForm) -> Comparison | None:
    if (period := form.period) is None:
        return None
    rules = Rules.from_json(policy.version, policy.body)
    found = under(rules, policy.port_id, *period)
    changed = [
        (d.stored.arrival_id, d.stored.route, d.stored.reasons, d.route or "", d.reasons)
        for d in found.differences
        if (d.route, d.reasons) != (d.stored.route, d.stored.reasons)
    ]
    return Comparison(
        found.decisions,
        [(then, now, n) for (then, now), n in sorted(found.moves.items())],
        _reasons(found.reasons_then, found.reasons_now),
        _others(changed[:SHOWN]),
        max(0, len(changed) - SHOWN),
    )


def _live(run: ShadowRun) -> Comparison:
    # Without the facts of each: a draft may run in shadow for weeks.
    rows = ShadowDifference.objects.filter(run=run, arrival__assignment__isnull=False)
    then_and_now = (
        "arrival__assignment__route",
        "arrival__assignment__reasons",
        "route",
        "reasons",
    )
    changed = list(rows.order_by("-pk").values_list("arrival_id", *then_and_now))
    moves = Counter((then, now) for _id, then, _why, now, _reasons_now in changed)
    then = Counter(code for one in changed for code in one[2])
    now = Counter(code for one in changed for code in one[4])
    return Comparison(
        None,
        [(a, b, n) for (a, b), n in sorted(moves.items())],
        _reasons(then, now),
        _others(changed[:SHOWN]),
        max(0, len(changed) - SHOWN),
    )


def _reasons(then: Counter[str], now: Counter[str]) -> list[tuple[Text, int, int]]:
    return [
        (reason_text(code), then[code], now[code])
        for code in sorted(then.keys() | now.keys())
        if then[code] != now[code]
    ]


def _others(
    changed: Sequence[tuple[UUID, str, Sequence[str], str, Sequence[str]]],
) -> list[Other]:
    ids = [arrival_id for arrival_id, *_rest in changed]
    seen = Arrival.objects.only("plate_number", "received_at").in_bulk(ids)
    return [
        Other(
            *(pk, seen[pk].plate_number, seen[pk].received_at),
            *(then_route, _texts(then)),
            *(now_route, _texts(now)),
        )
        for pk, then_route, then, now_route, now in changed
        if pk in seen
    ]


def _texts(codes: Iterable[str]) -> list[Text]:
    return [reason_text(code) for code in codes]


def _row(one: Found) -> tuple[Text, Text, str, Found]:
    """What was counted, by what, for whom or when, and the figures."""
    who = one.group
    if one.by == "hour":
        who = f"{who:0>2}:00"
    elif one.by == "officer and carrier":
        officer, _and, carrier = who.rpartition(" and ")
        who = gettext("%(officer)s and %(carrier)s") % {"officer": officer, "carrier": carrier}
    return KINDS[one.kind], GROUPS[one.by], who, one


@require_safe
@officer_page(Permission.AUDIT_READ)
def bias(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    """Whether chance explains who was drawn, let through and held up."""
    port = port_or_404(code)
    form = PeriodForm(request.GET, port_code=code, now=timezone.now())
    found = report(*observed(code, *form.period)) if form.period else []
    suspicious = flagged(found)
    context = {
        "form": form,
        "asked": form.period is not None,
        "questions": len(found),
        "false_share": f"{FALSE_SHARE:.0%}",
        "flagged": [_row(one) for one in suspicious],
        "least_likely": [_row(one) for one in found[:20] if one not in suspicious],
    }
    return show(request, officer, "console/bias.html", context, port=port)
