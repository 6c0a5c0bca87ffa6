"""The running demonstration, for commands that send trucks to it."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError


def demonstration() -> dict[str, Any]:
    """What `demo.json` says: addresses, keys, samples. CommandError where there is none."""
    try:
        told: dict[str, Any] = json.loads((settings.HOME / "demo.json").read_text())
    except FileNotFoundError:
        raise CommandError(f"No demonstration is on {settings.HOME}: `make run` first.") from None
    return told
