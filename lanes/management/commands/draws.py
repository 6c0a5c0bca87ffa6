"""Check the random draws: recompute a shift, or ask whether chance explains what happened."""

import json
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lanes import draws
from lanes.bias.report import FALSE_SHARE, Found, flagged, report
from lanes.management.periods import add_period, check_period, one_port
from lanes.models import Shift
from lanes.queries.bias import observed
from lanes.queries.draws import check_draws
from lanes.services.shifts import seed_of
from trustedtruck.core.management.instants import instant


class Command(BaseCommand):
    help = "`verify` recomputes every draw of a shift; `bias` looks for officers who bend chance."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        verify = parts.add_parser("verify", help="fails on any difference")
        verify.add_argument("--port")
        verify.add_argument(
            "--shift", type=instant, required=True, help="any instant within the shift"
        )
        verify.add_argument("--json", action="store_true")
        bias = parts.add_parser("bias", help="by officer, lane, carrier and hour")
        bias.add_argument("--port")
        add_period(bias)
        bias.add_argument(
            "--false-share",
            type=float,
            default=FALSE_SHARE,
            help="which share of the flags may be false (and the chance of any on honest days)",
        )
        bias.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['part']}")(one_port(options["port"]), options)

    def _verify(self, port: str, options: dict[str, Any]) -> None:
        shift = _shift(port, options["shift"])
        seed, wrong = _seed(shift)
        checked = 0
        faults = []
        for one in check_draws(shift, seed) if seed is not None else ():
            checked += 1
            if one.wrong:
                faults.append(one)
        result = {
            "port": port,
            "starts_at": shift.starts_at.isoformat(),
            "ends_at": shift.ends_at.isoformat(),
            "commitment": bytes(shift.commitment).hex(),
            "committed_in_time": shift.committed_in_time,
            "revealed": shift.seed is not None,
            "checked": checked,
            "wrong": [one.as_json() for one in faults],
            "seed": wrong or "as committed",
        }
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            late = "" if shift.committed_in_time else " (committed to after its beginning)"
            self.stdout.write(f"Shift {shift}{late}: seed {result['seed']}, {checked} decisions.")
            for one in faults:
                self.stdout.write(
                    f"  {one.stored.arrival_id}: {one.wrong}, {one.stored.draw} for {one.expected}"
                )
        if wrong or faults:
            raise CommandError(wrong or f"{len(faults)} draws are not what the seed gives")

    def _bias(self, port: str, options: dict[str, Any]) -> None:
        start, end = options["start"], options["end"]
        check_period(start, end)
        if not 0 < options["false_share"] < 1:
            raise CommandError("--false-share lies between 0 and 1")
        found = report(*observed(port, start, end))
        suspicious = flagged(found, options["false_share"])
        if options["json"]:
            body = {
                "port": port,
                "false_share": options["false_share"],
                "questions": len(found),
                "flagged": [one.as_json() for one in suspicious],
                "least_likely": [one.as_json() for one in found[:20]],
            }
            self.stdout.write(json.dumps(body))
            return
        self.stdout.write(
            f"{len(found)} questions; {len(suspicious)} answers that chance does not explain"
            f" (at most {options['false_share']:.0%} of such flags are false)."
        )
        for one in suspicious:
            self.stdout.write(_line(one))


def _line(one: Found) -> str:
    return (
        f"  {one.kind} by {one.by}, {one.group}: {one.hits} of {one.trials},"
        f" {one.expected:.1f} expected (chance {one.chance:.2g}, adjusted {one.adjusted:.2g})"
    )


def _shift(port: str, at: datetime) -> Shift:
    shift = Shift.objects.filter(
        port=port, starts_at__lte=at, starts_at__gt=at - timedelta(days=1), ends_at__gt=at
    ).first()
    if shift is None:
        raise CommandError(f"port {port} has no shift at {at.isoformat()}")
    return shift


def _seed(shift: Shift) -> tuple[bytes | None, str]:
    """The seed, and what is wrong with it."""
    try:
        seed = seed_of(shift)
    except draws.SeedUnavailable as error:
        return None, f"the seed's two parts do not give it: {error}"
    if draws.commitment(seed) != bytes(shift.commitment):
        return seed, "the seed is not the one that was committed to"
    return seed, ""
