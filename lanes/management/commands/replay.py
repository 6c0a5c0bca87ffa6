"""Decide the past again from the stored facts, and say what comes out otherwise."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lanes.management.periods import add_period, check_period, one_port
from lanes.models import Policy
from lanes.queries.replay import Difference, Report, reproduce, under
from lanes.rules.policy import Policy as Rules


class Command(BaseCommand):
    help = (
        "Recompute every decision of a period from its stored facts, draw and policy; fails when"
        " one does not reproduce. With --policy also: what that version would have decided."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_period(parser)
        parser.add_argument("--port", help="this port only")
        parser.add_argument("--policy", type=int, help="also under this version of the port's")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = options["start"], options["end"]
        check_period(start, end)
        port = options["port"]
        if port is not None or options["policy"] is not None:
            port = one_port(port)
        report = reproduce(port, start, end)
        other = None
        if options["policy"] is not None:
            other = under(policy_version(port, options["policy"]), port, start, end)
        if options["json"]:
            body = report.as_json()
            if other is not None:
                body["under_policy"] = {"version": options["policy"], **other.as_json()}
            self.stdout.write(json.dumps(body))
        else:
            self._print(report)
            if other is not None:
                self.stdout.write(f"\nUnder version {options['policy']}:")
                self.stdout.write("\n".join(lines_of(other)))
        if report.differences:
            raise CommandError(f"{len(report.differences)} decisions do not reproduce")

    def _print(self, report: Report) -> None:
        self.stdout.write(
            f"{report.decisions} decisions, {report.closed_without_rules} of them closed without"
            f" the rules; {report.decisions - len(report.differences)} reproduce."
        )
        for difference in report.differences:
            self.stdout.write(line_of(difference))


def policy_version(port_code: str, version: int) -> Rules:
    policy = Policy.objects.filter(port=port_code, version=version).first()
    if policy is None:
        raise CommandError(f"port {port_code} has no policy version {version}")
    return Rules.from_json(version, policy.body)


def line_of(difference: Difference) -> str:
    then = difference.stored
    now = difference.error or f"{difference.route} ({', '.join(difference.reasons)})"
    lanes = "" if difference.error else f", lane {then.lane_id} -> {difference.lane_id}"
    return f"  {then.arrival_id}  {then.route} ({', '.join(then.reasons)}) -> {now}{lanes}"


def lines_of(report: Report) -> list[str]:
    """A comparison in sum, then truck by truck."""
    lines = [f"  {a} -> {b}: {n}" for (a, b), n in sorted(report.moves.items())]
    for code in sorted(report.reasons_then.keys() | report.reasons_now.keys()):
        then, now = report.reasons_then[code], report.reasons_now[code]
        if then != now:
            lines.append(f"  reason {code}: {then} -> {now}")
    return lines + [line_of(difference) for difference in report.differences]
