"""What the supervisor prints when everything runs."""

import json
from collections.abc import Mapping
from typing import Any

from .home import Home
from .readiness import exists
from .stack import Options

PAGES = (
    ("Start page", "/"),
    ("Carrier portal", "/portal/"),
    ("Officer console", "/console/"),
    ("API documentation", "/api/docs/"),
    ("Readiness", "/readyz"),
    ("Metrics", "/metrics"),
)


def welcome(home: Home, options: Options, seconds: float) -> str:
    """The addresses, the demonstration's log-ins, and how to stop."""
    lines = ["", f"TrustedTruck is ready ({seconds:.1f} s).", ""]
    lines += [
        f"  {title:<18} {options.base_url}{path}" for title, path in PAGES if exists(options, path)
    ]
    if options.demo and (logins := _logins(home)):
        lines += ["", "  Demonstration log-ins", *logins]
        lines += [f"  {'Device keys':<18} in {home.demo}"]
    lines += ["", f"  {'Logs':<18} {home.logs}", "", "Ctrl-C stops everything.", ""]
    return "\n".join(lines) + "\n"


def _logins(home: Home) -> list[str]:
    """One line per role; empty when the demonstration did not say."""
    try:
        demo: Any = json.loads(home.demo.read_text())
        logins = demo["logins"]
        return [f"    {role:<24} {_login(login)}" for role, login in logins.items()]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []


def _login(login: Mapping[str, str]) -> str:
    name = login.get("username") or login.get("email") or "?"
    return f"{name}  {login.get('password', '')}".rstrip()
