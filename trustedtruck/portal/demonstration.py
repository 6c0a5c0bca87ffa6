"""What the first pages show of a demonstration: who may log in, a request that works, its mail."""

import email
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.roles import Role


@dataclass(frozen=True)
class Login:
    role: str
    username: str
    password: str


@dataclass(frozen=True)
class Demonstration:
    """`curl` is a command that a reader can paste as it stands; empty where there is no sample."""

    logins: tuple[Login, ...]
    curl: str


def read_demonstration(path: Path) -> Demonstration | None:
    """None while `demo.json` is not written yet, or is not what we write."""
    try:
        demo = json.loads(path.read_text(encoding="utf-8"))
        return Demonstration(tuple(_logins(demo["logins"])), _curl(demo))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


# The log-ins of carriers' people, by their keys in demo.json.
_CARRIERS = {
    "carrier": _("Carrier: administrator"),
    "carrier_fleet": _("Carrier: keeps the fleet"),
    "carrier_viewer": _("Carrier: looks only"),
    "carrier_new": _("Carrier that has just begun"),
}


def _logins(logins: dict[str, dict[str, str]]) -> Iterator[Login]:
    labels = dict(Role.choices) | _CARRIERS
    for name, login in logins.items():
        key = name.removesuffix("_2")
        label = labels.get(key, key)
        yield Login(str(label), login["username"], login["password"])


def _curl(demo: dict[str, Any]) -> str:
    sample = demo.get("samples", {}).get("fast_arrival")
    keys = [
        device["key"]
        for device in demo.get("devices", {}).values()
        if sample and device.get("port") == sample["port"]
    ]
    if not keys:
        return ""
    body = json.dumps(sample, ensure_ascii=False, indent=2).replace("'", r"'\''")
    return (
        f"curl -sS {demo['base_url']}/api/v1/arrivals/ \\\n"
        f"  -H 'Authorization: Bearer {keys[0]}' \\\n"
        "  -H 'Content-Type: application/json' -H 'Prefer: wait=2' \\\n"
        f"  -d '{body}'"
    )


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    body: str


# Django's file backend ends each message with a line of dashes.
_END = b"\n" + b"-" * 79 + b"\n"
SHOWN_MAILS = 20


def read_mails(folder: Path) -> list[Mail]:
    """The newest mails that Django's file backend wrote, the newest first."""
    try:
        files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
        texts = [file.read_bytes() for file in files[:SHOWN_MAILS]]
    except OSError:
        return []
    found = []
    for text in texts:
        messages = [part for part in text.split(_END) if part.strip()]
        found += [_mail(part) for part in reversed(messages)]
    return found[:SHOWN_MAILS]


def _mail(text: bytes) -> Mail:
    message = email.message_from_bytes(text, policy=policy.default)
    body = message.get_body(("plain",))
    return Mail(str(message["To"]), str(message["Subject"]), body.get_content() if body else "")
