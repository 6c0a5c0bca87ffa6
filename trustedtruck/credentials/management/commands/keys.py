"""The keys that sign: list, rotate, retire, distrust, reissue. Only public parts are ever shown."""

import json
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max
from django.utils import timezone

from trustedtruck.audit.actors import Actor, system
from trustedtruck.core.errors import DomainError
from trustedtruck.core.fields import instant
from trustedtruck.credentials.models import Credential, Purpose, SigningKey
from trustedtruck.credentials.services import keys as services
from trustedtruck.credentials.services import reissue_of_key

KID = "as the list shows it; one that begins with a hyphen comes after --"


class Command(BaseCommand):
    help = "List, rotate, retire or distrust the keys that sign credentials, lists and bundles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="all keys with their life")
        listing.add_argument("--json", action="store_true")
        rotate = actions.add_parser("rotate", help="publish a new key, which takes over later")
        rotate.add_argument("purpose", choices=Purpose.values)
        rotate.add_argument(
            "--ahead",
            type=int,
            default=int(services.PUBLISH_AHEAD.total_seconds()),
            metavar="SECONDS",
            help="how long the new key is published before it signs",
        )
        retire = actions.add_parser("retire", help="sign no more with it; it still verifies")
        retire.add_argument("kid", help=KID)
        distrust = actions.add_parser("distrust", help="compromised: accept nothing signed by it")
        distrust.add_argument("kid", help=KID)
        distrust.add_argument("--after", type=datetime.fromisoformat, metavar="INSTANT")
        reissue = actions.add_parser("reissue", help="replace every credential that it signed")
        reissue.add_argument("kid", help=KID)

    def handle(self, *args: Any, **options: Any) -> None:
        at, by = timezone.now(), system("keys")
        if options["action"] == "list":
            self.list(as_json=options["json"], at=at)
            return
        try:
            self.stdout.write(self.change(options, by=by, at=at))
        except DomainError as error:
            raise CommandError(str(error.text)) from error

    def change(self, options: dict[str, Any], *, by: Actor, at: datetime) -> str:
        if options["action"] == "rotate":
            ahead = timedelta(seconds=options["ahead"])
            key = services.rotate(options["purpose"], by=by, at=at, ahead=ahead)
            return f"{key.kid} is published and signs from {instant(key.active_from)}"
        if options["action"] == "reissue":
            done = 0
            for portion in reissue_of_key(kid=options["kid"], by=by, at=at):
                done += portion
                self.stdout.write(f"{done} reissued ...")
            return f"{done} credentials of {options['kid']} are reissued"
        if options["action"] == "retire":
            key = services.retire(kid=options["kid"], by=by, at=at)
            return f"{key.kid} signs no more"
        after = options["after"] or at
        if after.tzinfo is None:
            raise CommandError("--after needs an offset, as in 2026-03-01T14:05:00-06:00")
        key = services.distrust(kid=options["kid"], after=after, by=by, at=at)
        return f"nothing of {key.kid} is accepted from {instant(after)}: reissue its credentials"

    def list(self, *, as_json: bool, at: datetime) -> None:
        rows = [describe(key, at) for key in SigningKey.objects.order_by("purpose", "active_from")]
        if as_json:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            self.stdout.write(
                f"{row['kid']}  {row['purpose']:<10}  {row['alg']:<7}  {row['state']:<10}"
                f"  {row['store']:<6}  signs from {row['active_from']}"
                f"  last credential ends {row['last_credential_ends'] or '-'}"
            )


def describe(key: SigningKey, at: datetime) -> dict[str, Any]:
    last = Credential.objects.filter(kid=key.kid).aggregate(Max("valid_until"))
    ends = last["valid_until__max"]
    return {
        "kid": key.kid,
        "purpose": key.purpose,
        "alg": key.alg,
        "state": state_of(key, at),
        "store": key.store,
        "issuer": key.base_url,
        "published_at": instant(key.published_at),
        "active_from": instant(key.active_from),
        "retired_at": instant(key.retired_at),
        "distrusted_at": instant(key.distrusted_at),
        "last_credential_ends": instant(ends),
    }


def state_of(key: SigningKey, at: datetime) -> str:
    if key.distrusted_at is not None and key.distrusted_at <= at:
        return "distrusted"
    if key.retired_at is not None:
        return "retired"
    return "published" if key.active_from > at else "active"
