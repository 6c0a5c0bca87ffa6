"""The lane bundle from the command line: build it, save it, verify a saved one off line."""

import json
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from trustedtruck.core.management.instants import instant
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats.bundle import LaneBundle, open_document, pinned_keys
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.queries import bundle as queries
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services.bundle import build_bundle


class Command(BaseCommand):
    help = "Build or save the lane bundle, or verify a saved one without a line."
    # `verify` must work where there is no database.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        build = actions.add_parser("build", help="build a new one if anything changed")
        build.add_argument("--complete", action="store_true", help="read every credential again")
        save = actions.add_parser("save", help="write the newest to a file")
        save.add_argument("file", type=Path)
        save.add_argument("--since", type=int, help="only what changed after this number")
        verify = actions.add_parser("verify", help="verify a saved one")
        verify.add_argument("file", type=Path)
        verify.add_argument("--jwks", type=Path, help="the keys to trust; default: the database's")
        verify.add_argument("--issuer", default="", help="the issuer's address, with --jwks")
        verify.add_argument("--held", type=Path, help="the bundle that a delta applies to")
        verify.add_argument("--tag", default="", help="judge the truck with this tag ...")
        verify.add_argument("--qr", default="", help="... and this QR text")
        verify.add_argument("--at", type=instant, help="as if it were this instant")
        for action in (build, save, verify):
            action.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        result = getattr(self, options["action"])(options)
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            self.stdout.write("  ".join(f"{name}: {value}" for name, value in result.items()))

    def build(self, options: dict[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        made = build_bundle(at=timezone.now(), complete=options["complete"])
        seconds = round(time.perf_counter() - started, 3)
        return {
            "built": made is not None,
            "seq": made.seq if made else queries.newest_seq(),
            "seconds": seconds,
        }

    def save(self, options: dict[str, Any]) -> dict[str, Any]:
        found = queries.document(options["since"])
        if found is None:
            raise CommandError("The lane bundle has not been built yet.")
        seq, body = found
        options["file"].write_bytes(body)
        return {"seq": seq, "bytes": len(body), "file": str(options["file"])}

    def verify(self, options: dict[str, Any]) -> dict[str, Any]:
        at = options["at"] or datetime.now(UTC)
        keys = trusted(options["jwks"], options["issuer"]) if options["jwks"] else all_keys()
        try:
            held = opened(options["held"], keys, at) if options["held"] else None
            bundle = opened(options["file"], keys, at, held)
        except Refusal as refusal:
            raise CommandError(f"{refusal.failure.code}: {refusal.failure.text}") from None
        result: dict[str, Any] = {
            "seq": bundle.seq,
            "issuer": bundle.issuer,
            "expires_at": bundle.expires_at.isoformat(),
            "keys": len(bundle.keys),
            "trucks": sum(len(shard) for shard in bundle.shards.values()),
            "holds": len(bundle.holds),
        }
        if options["tag"]:
            verdict = bundle.judge(options["tag"], options["qr"], at=at)
            result |= {"fast": verdict.ok, "codes": list(verdict.codes)}
        return result


def opened(path: Path, keys: KeySet, at: datetime, held: LaneBundle | None = None) -> LaneBundle:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    return open_document(data, keys=keys, at=at, held=held)


def trusted(path: Path, base_url: str) -> KeySet:
    """The keys of a saved JWKS, as keys of bundles of this issuer."""
    if not base_url:
        raise CommandError("--jwks needs --issuer, the address that the keys were fetched from.")
    try:
        return pinned_keys(path.read_bytes(), base_url)
    except (OSError, ValueError):
        raise CommandError(f"{path} is not a JWKS.") from None
