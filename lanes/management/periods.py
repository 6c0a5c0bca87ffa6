"""The period and port that a command is asked about."""

from argparse import ArgumentParser
from datetime import datetime, timedelta

from django.core.management.base import CommandError

from lanes.models import Port
from trustedtruck.core.management.instants import instant


def add_period(parser: ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", type=instant, required=True, help="first instant")
    parser.add_argument(
        "--to",
        dest="end",
        type=instant,
        required=True,
        help="first instant after it; a date alone ends when that day begins (UTC)",
    )


def check_period(start: datetime, end: datetime) -> None:
    if end <= start:
        raise CommandError("--to must come after --from")
    if end - start > timedelta(days=3660):
        raise CommandError("more than ten years at once")


def one_port(code: str | None) -> str:
    """The named port; without a name the only one there is."""
    codes = list(Port.objects.order_by("code").values_list("code", flat=True))
    if code is None and len(codes) == 1:
        return codes[0]
    if code not in codes:
        raise CommandError(f"name a port with --port: {', '.join(codes) or 'there is none'}")
    return str(code)
