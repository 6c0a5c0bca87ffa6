"""What can go wrong while starting, said so that an operator can act on it."""

import sys
from pathlib import Path

INSTALL = f"{sys.executable} -m pip install -r requirements.txt"


class EmbeddedError(Exception):
    """A start that cannot go on. The message is shown as it is, without a traceback."""


class PortTaken(EmbeddedError):
    """Another process took the port between our look and the server's start."""


class Interrupted(Exception):
    """Somebody asked for a stop while something was still starting."""


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log file, indented; empty when there is none."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def failed(what: str, log: Path) -> EmbeddedError:
    """An error that carries the end of the log, where the reason usually stands."""
    end = tail(log)
    return EmbeddedError(f"{what} See {log}" + (f":\n{end}" if end else "."))
