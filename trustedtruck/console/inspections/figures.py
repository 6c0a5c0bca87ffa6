"""The figures of a port, as charts with a table behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from lanes.inspections.queries.figures import Figures, Span, figures
from lanes.inspections.queries.record import Rate
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.console.access import officer_page
from trustedtruck.console.pages.base import port_or_404, show
from trustedtruck.console.templatetags.figures import amount, interval, share

DAYS = (1, 7, 30, 90)
BAR, GAP, WIDTH, LEFT = 26, 14, 320, 290


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in pixels of its chart; `low` and `high` are the ends of its interval."""

    label: str | Promise
    text: str
    y: int
    width: float
    low: float | None = None
    high: float | None = None

    @property
    def middle(self) -> int:
        return self.y + BAR // 2

    @property
    def end(self) -> float:
        return LEFT + max(self.width, (self.high or LEFT) - LEFT) + 8


@dataclass(frozen=True, slots=True)
class Chart:
    """`heads` are the columns of the table behind it; each row begins with its name."""

    name: str
    title: str
    bars: list[Bar]
    heads: list[str]
    rows: list[list[str]]

    @property
    def height(self) -> int:
        return len(self.bars) * (BAR + GAP) + GAP


def _chart(
    name: str,
    title: str,
    values: Sequence[tuple[str, float | None, str]],
    heads: list[str],
    rows: list[list[str]],
    *,
    most: float | None = None,
    ends: Sequence[tuple[float, float] | None] = (),
) -> Chart:
    """Bars as long as their values; the longest, or `most`, fills the width."""
    most = most or max((value for _label, value, _text in values if value), default=1.0)
    bars = []
    for place, (label, value, text) in enumerate(values):
        span = ends[place] if place < len(ends) else None
        low, high = [LEFT + WIDTH * end / most for end in span] if span else (None, None)
        y = GAP + place * (BAR + GAP)
        bars.append(Bar(label, text, y, WIDTH * (value or 0.0) / most, low, high))
    return Chart(name, title, bars, heads, rows)


def _minutes(value: float | None) -> str:
    """Minutes; where one decimal would read 0.0, seconds."""
    if value is None:
        return "—"
    if 0 < value < 0.1:
        return _("%(n)d s") % {"n": max(1, round(60 * value))}
    return _("%(n)s min") % {"n": amount(value)}


def _waits(found: Figures) -> Chart:
    was = found.before
    spans = [
        (_("before the programme"), Span(was.n, was.minutes, was.p95)),
        (_("fast lane"), found.wait_fast),
        (_("inspection"), found.wait_others),
    ]
    return _chart(
        "waits",
        _("Waits from approach to booth, mean minutes"),
        [(label, span.mean, _minutes(span.mean)) for label, span in spans],
        [_("Trucks"), _("Mean"), _("95th percentile"), _("Buffer index")],
        [
            [label, str(s.n or "—"), _minutes(s.mean), _minutes(s.p95), share(s.buffer_index)]
            for label, s in spans
        ],
    )


def _shares(found: Figures) -> Chart:
    rows = [(_("scanned"), found.scanned), (_("scanned or examined to a result"), found.inspected)]
    all_ = found.arrivals
    shares = [(label, n, n / all_ if all_ else None) for label, n in rows]
    return _chart(
        "shares",
        _("Share of the trucks that arrived"),
        [(label, value, share(value)) for label, _n, value in shares],
        [_("Trucks"), _("Of"), pgettext("figures", "Share")],
        [[label, str(n), str(all_), share(value)] for label, n, value in shares],
        most=1.0,
    )


def _times(found: Figures) -> Chart:
    spans = [
        (_("arrival to image"), found.to_image),
        (_("arrival to verdict"), found.to_verdict),
        (_("exam, opened to signed"), found.exam),
        (_("at the station, to the end"), found.stay),
    ]
    return _chart(
        "times",
        _("How long scans and exams took on average"),
        [(label, span.mean, _minutes(span.mean)) for label, span in spans],
        [_("Trucks"), _("Mean"), _("95th percentile")],
        [[label, str(s.n), _minutes(s.mean), _minutes(s.p95)] for label, s in spans],
    )


def _compliance(found: Figures) -> Chart:
    groups = {
        ("participants", "random"): _("participants, at random"),
        ("participants", "targeted"): _("participants, for a reason"),
        ("others", "random"): _("others, at random"),
        ("others", "targeted"): _("others, for a reason"),
    }
    rates = [(label, found.compliance.get(key, Rate(0, 0))) for key, label in groups.items()]
    return _chart(
        "compliance",
        _("Compliant among those examined, with the 95 % interval"),
        [(label, rate.value, share(rate.value)) for label, rate in rates],
        [_("Compliant"), _("Examined"), pgettext("figures", "Share"), _("Interval")],
        [
            [label, str(r.compliant), str(r.n), share(r.value), interval(r.interval)]
            for label, r in rates
        ],
        most=1.0,
        ends=[rate.interval for _label, rate in rates],
    )


@require_safe
@officer_page(Permission.FIGURES_READ)
def port_figures(request: HttpRequest, officer: User, code: str) -> HttpResponse:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else 30
    end = timezone.now()
    found = figures(code, end - timedelta(days=days), end)
    context = {
        "figures": found,
        "charts": [_waits(found), _shares(found), _times(found), _compliance(found)],
        "days": days,
        "choices": DAYS,
        "left": LEFT,
    }
    return show(
        request, officer, "console/inspections/figures.html", context, port=port_or_404(code)
    )
