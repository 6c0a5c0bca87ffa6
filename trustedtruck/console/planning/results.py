"""A run's result as charts and tables: names in the reader's language, numbers ready to show."""

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lanes.planning.charts import Bar, Line, bars, lines

# Name and unit; the order of the table.
MEASURES = {
    "trucks": (gettext_lazy("Trucks"), ""),
    "fast": (gettext_lazy("Trucks sent to the fast lane"), ""),
    "inspected": (gettext_lazy("Trucks inspected"), ""),
    "left_over": (gettext_lazy("Trucks not served before the day was over"), ""),
    "wait": (gettext_lazy("Wait for the booth, all trucks"), "min"),
    "wait_fast": (gettext_lazy("Wait, fast trucks"), "min"),
    "wait_standard": (gettext_lazy("Wait, standard trucks"), "min"),
    "wait_empty": (gettext_lazy("Wait, empty trucks"), "min"),
    "wait_p95": (gettext_lazy("Nineteen of twenty trucks wait at most"), "min"),
    "buffer_index": (gettext_lazy("Buffer index (FHWA)"), ""),
    "crossing": (gettext_lazy("Crossing, from arriving to leaving"), "min"),
    "crossing_inspected": (gettext_lazy("Crossing of inspected trucks"), "min"),
    "crossing_both": (gettext_lazy("Crossing of trucks that both countries inspect"), "min"),
    "road_full": (gettext_lazy("Trucks that found the approach road full"), "%"),
    "use_fast": (gettext_lazy("Use of the fast booths"), "%"),
    "use_standard": (gettext_lazy("Use of the standard booths"), "%"),
    "use_nii": (gettext_lazy("Use of the scanners"), "%"),
    "use_docks": (gettext_lazy("Use of the docks"), "%"),
    "officer_cost": (gettext_lazy("Cost of officers"), "USD"),
    "waiting_cost": (gettext_lazy("Cost of waiting trucks"), "USD"),
}
LINES = {
    "wait_standard": gettext_lazy("standard trucks"),
    "wait_fast": gettext_lazy("fast trucks"),
}
USES = {
    "use_standard": gettext_lazy("standard booths"),
    "use_fast": gettext_lazy("fast booths"),
    "use_nii": gettext_lazy("scanners"),
    "use_docks": gettext_lazy("docks"),
}


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    if unit == "%":
        return f"{100 * value:.1f}"
    return f"{value:,.0f}" if unit == "USD" or abs(value) >= 100 else f"{value:.2f}"


def measures(result: dict[str, Any]) -> list[dict[str, str]]:
    """Each measure with its mean and its 95% interval."""
    return [
        {
            "name": str(label),
            "unit": unit,
            **{part: _shown(found[part], unit) for part in ("mean", "low", "high")},
        }
        for name, (label, unit) in MEASURES.items()
        if (found := result["measures"].get(name)) and found["mean"] is not None
    ]


def compared(one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, str]]:
    """Means of two results side by side, and the change from the first to the second."""
    found = []
    for name, (label, unit) in MEASURES.items():
        a, b = (r["measures"].get(name, {}).get("mean") for r in (one, other))
        if a is None and b is None:
            continue
        change = None if a is None or b is None else b - a
        share = "—" if not a or change is None else f"{100 * change / a:+.0f} %"
        found.append(
            {
                "name": str(label),
                "unit": unit,
                "one": _shown(a, unit),
                "other": _shown(b, unit),
                "change": _shown(change, unit),
                "share": share,
            }
        )
    return found


def hours(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The table beside the charts: hours in which anything happens."""
    rows = []
    for hour in result["hours"]:
        if not hour["arrivals"]["mean"] and not hour["queue"]["mean"]:
            continue
        rows.append(
            {
                "hour": f"{hour['hour']:02d}–{hour['hour'] + 1:02d}",
                "arrivals": _shown(hour["arrivals"]["mean"], ""),
                "standard": _band(hour["wait_standard"]),
                "fast": _band(hour["wait_fast"]),
                "queue": _band(hour["queue"]),
                "uses": [_shown(hour[name]["mean"], "%") for name in USES],
            }
        )
    return rows


def _band(found: dict[str, float | None]) -> str:
    if found["mean"] is None:
        return "—"
    return f"{found['mean']:.1f} ({found['p5']:.1f}–{found['p95']:.1f})"


Chart = tuple[str, SafeString]


def charts(result: dict[str, Any]) -> list[Chart]:
    """Title and drawing: waits by hour with bands, the queue, and the use of the places."""
    return [
        _lines(_("Wait by hour of arrival"), _("minutes"), _series(result, LINES)),
        _lines(
            _("Trucks in line at the end of each hour"),
            _("trucks"),
            _series(result, {"queue": _("in line")}),
        ),
        _lines(_("Use of booths and stations"), "%", _series(result, USES, 100)),
    ]


def _lines(title: str, unit: str, series: list[Line]) -> Chart:
    return title, _safe(lines(title, unit, series))


def comparison_chart(names: tuple[str, str], one: dict[str, Any], other: dict[str, Any]) -> Chart:
    series = [*_series(one, {"wait": names[0]}), *_series(other, {"wait": names[1]})]
    return _lines(_("Wait by hour of arrival, all trucks"), _("minutes"), series)


def lane_hours_chart(booths: dict[str, Sequence[int]]) -> SafeString:
    labels = {"fast": _("Fast booths"), "standard": _("Standard booths")}
    return _safe(
        bars(
            _("Suggested open booths by hour"),
            _("booths"),
            [
                (f"{hour:02d}", [Bar(labels[kind], booths[kind][hour]) for kind in booths])
                for hour in range(24)
            ],
        )
    )


def notices(result: dict[str, Any]) -> list[str]:
    """The planner's language; a parameter that is itself a word is translated too."""
    return [
        _(notice["text"])
        % {
            name: _(value) if isinstance(value, str) and value.isalpha() else value
            for name, value in notice["params"].items()
        }
        for notice in result["notices"]
    ]


def _series(result: dict[str, Any], names: dict[str, Any], times: float = 1) -> list[Line]:
    def of(name: str, part: str) -> list[float | None]:
        values = [hour[name][part] for hour in result["hours"]]
        return [None if value is None else times * value for value in values]

    return [
        Line(str(label), of(name, "mean"), of(name, "p5"), of(name, "p95"))
        for name, label in names.items()
    ]


def _safe(svg: str) -> SafeString:
    """Our own drawing: every text in it was escaped by `charts`."""
    return mark_safe(svg)  # noqa: S308
