"""Simulate days of a port, validate the simulator, or put the programme's claims to the test."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lanes.demonstration import day
from lanes.models import Policy
from lanes.planning import claims, forecast, history, report, validation
from lanes.planning.simulator import Result, Scenario, simulate
from lanes.planning.simulator.scenario_check import before_the_run, faults
from lanes.planning.staffing import suggest

MONTHS = ("2019-06", "2020-04", "2021-10", "2022-06", "2023-10")
MOST_MONTHS = 60
PAGE, CHARTS = "docs/planning.md", "docs/planning"
SHOWN = (
    "trucks", "left_over", "wait", "wait_p95", "wait_fast", "wait_standard", "crossing",
    "crossing_inspected", "use_fast", "use_standard", "officer_cost", "waiting_cost",
)  # fmt: skip


class Command(BaseCommand):
    help = (
        "Simulate days of a port. A scenario is a JSON object; what it leaves out takes the usual"
        " value. --validate and --claims write their tables and charts into docs/planning.md."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("scenario", nargs="?", help="a file with a scenario, - for the input")
        parser.add_argument("--against", metavar="FILE", help="compare with this scenario")
        parser.add_argument("--month", help="trucks of an average day of World Trade Bridge")
        parser.add_argument("--policy", metavar="PORT:VERSION", help="a policy of a port, or draft")
        parser.add_argument("--days", type=int, help="how many days to simulate")
        parser.add_argument("--seed", type=int)
        parser.add_argument("--suggest", type=float, metavar="MINUTES", help="find lane hours")
        parser.add_argument("--forecast", type=int, metavar="MONTHS", help="trucks to come")
        parser.add_argument("--validate", action="store_true")
        parser.add_argument("--claims", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["validate"]:
            self._validate(options)
        elif options["claims"]:
            self._claims(options)
        elif options["forecast"] is not None:
            self._forecast(options)
        else:
            self._simulate(options)

    def _simulate(self, options: Mapping[str, Any]) -> None:
        scenario = self._scenario(options["scenario"], options)
        for notice in before_the_run(scenario):
            self.stderr.write(str(notice))
        if options["suggest"] is not None:
            self._suggest(scenario, options)
            return
        result = simulate(scenario)
        body: dict[str, Any] = {"scenario": scenario.as_json(), **result.as_json()}
        other = None
        if options["against"]:
            other = simulate(self._scenario(options["against"], options))
            body["difference"] = {
                name: result.against(other, name).as_json() for name in result.daily
            }
        if options["json"]:
            self.stdout.write(json.dumps(body))
        else:
            self._print(result, other)

    def _print(self, result: Result, other: Result | None) -> None:
        self.stdout.write(f"{len(result.daily['trucks'])} days; waits in minutes, with intervals:")
        for name in SHOWN:
            line = f"  {name:<20} {validation.interval(result.estimate(name)):>28}"
            if other is not None:
                line += f"   less the other: {validation.interval(result.against(other, name))}"
            self.stdout.write(line)
        for notice in result.notices:
            self.stdout.write(self.style.WARNING(str(notice)))

    def _scenario(self, path: str | None, options: Mapping[str, Any]) -> Scenario:
        """The scenario of a file, with what the options say. Fails with every wrong field."""
        body: Any = {}
        if path:
            try:
                text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
                body = json.loads(text)
            except (OSError, ValueError) as error:
                raise CommandError(f"{path} cannot be read: {error}") from None
        if isinstance(body, dict):
            body = body | self._given(options)
        found = faults(body)
        if found:
            lines = [f"  {fault.field or 'the scenario'}: {fault.finding}" for fault in found]
            raise CommandError("\n".join(["This cannot be simulated:", *lines]))
        return Scenario.from_json(body)

    def _given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if options["month"]:
            try:
                given["trucks"] = day.month(options["month"]).a_day
            except ValueError as error:
                raise CommandError(str(error)) from None
        if options["policy"]:
            port, _colon, version = options["policy"].partition(":")
            row = Policy.objects.filter(
                port=port, version=int(version) if version.isdecimal() else 0
            ).first()
            if row is None:
                raise CommandError(f"there is no policy {options['policy']}")
            given["policy"] = row.body
        for option, name in (("days", "replications"), ("seed", "seed")):
            if options[option] is not None:
                given[name] = options[option]
        return given

    def _suggest(self, scenario: Scenario, options: Mapping[str, Any]) -> None:
        if not options["suggest"] > 0:
            raise CommandError("a target wait is a positive number of minutes")
        found = suggest(scenario, target_minutes=options["suggest"])
        if options["json"]:
            shifts = [shift.as_json() for shift in found.shifts()]
            self.stdout.write(json.dumps({**asdict(found), "shifts": shifts}))
            return
        for kind, counts in found.booths.items():
            self.stdout.write(f"{kind:<10} " + " ".join(f"{count:>2}" for count in counts))
        words = "met" if found.met else "MISSED"
        self.stdout.write(
            f"{found.hours} booth hours, {found.cost:,.0f}; the longest mean wait of an hour is"
            f" {found.worst:.1f} min (target {found.target:g}: {words})"
        )

    def _validate(self, options: Mapping[str, Any]) -> None:
        checks = list(validation.checks(seed=options["seed"] or 1))
        try:
            from lanes.planning.yardstick import agreement

            checks += agreement()
        except ImportError:
            raise CommandError("--validate needs requirements-dev.txt (simpy)") from None
        self._write("validation", report.validation(checks))
        if options["json"]:
            self.stdout.write(json.dumps({"checks": [asdict(check) for check in checks]}))
        else:
            for check in checks:
                sign = "holds" if check.held else "FAILS"
                self.stdout.write(f"{sign}  {check.name}: {check.expected} / {check.found}")
        if wrong := [check.name for check in checks if not check.held]:
            raise CommandError(f"Does not hold: {'; '.join(wrong)}")

    def _claims(self, options: Mapping[str, Any]) -> None:
        days, seed = options["days"] or 40, options["seed"] or 1
        fit = claims.fit(history.world_trade("2022-06"), seed=seed)
        months = [(month, history.world_trade(month)) for month in MONTHS]
        rows = list(claims.enrolments(months, fit.seconds, replications=days, seed=seed))
        ways = list(
            claims.ways(history.world_trade("2021-10"), fit.seconds, replications=days, seed=seed)
        )
        self._write("claims", report.claims(fit, rows, ways))
        folder = Path(settings.BASE_DIR) / CHARTS
        folder.mkdir(exist_ok=True)
        (folder / "waits.svg").write_text(report.waits_chart(rows), encoding="utf-8")
        (folder / "falls.svg").write_text(report.falls_chart(rows), encoding="utf-8")
        if options["json"]:
            body = {"fit": asdict(fit), "ways": [asdict(way) for way in ways]}
            lines = [{**asdict(row), "halved": row.halved} for row in rows]
            self.stdout.write(json.dumps({**body, "enrolments": lines}))
        else:
            self.stdout.write(report.claims(fit, rows, ways))

    def _forecast(self, options: Mapping[str, Any]) -> None:
        if not 1 <= options["forecast"] <= MOST_MONTHS:
            raise CommandError(f"--forecast takes 1 to {MOST_MONTHS} months")
        tests = [
            (name, forecast.back_test(counts, horizon))
            for name, counts in history.crossings().items()
            for horizon in (1, 6, 12)
        ]
        self._write("forecast", report.forecasts(tests))
        months = forecast.forecast(history.crossings()[day.CROSSING], options["forecast"])
        if options["json"]:
            body = {
                "months": [{**asdict(m), "hours": m.hours(day.SHARES)} for m in months],
                "back_tests": [
                    {"crossing": name, "skill": test.skill, **asdict(test)} for name, test in tests
                ],
            }
            self.stdout.write(json.dumps(body))
            return
        for month in months:
            self.stdout.write(
                f"{month.year}-{month.month:02d}  {month.trucks:>9,.0f}"
                f"  [{month.low:,.0f}, {month.high:,.0f}]"
            )
        self.stdout.write(report.forecasts(tests))

    def _write(self, name: str, text: str) -> None:
        page = Path(settings.BASE_DIR) / PAGE
        written = report.placed(page.read_text(encoding="utf-8"), name, text)
        page.write_text(written, encoding="utf-8")
