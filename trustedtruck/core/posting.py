"""One HTTP request to an address that was checked: the same address, whatever its name says now."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 10.0
MAX_ANSWER = 4096


@dataclass(frozen=True)
class Posted:
    """`status` is None when there was no answer; `error` says why.

    `body` is the beginning of a refusal.
    """

    status: int | None
    error: str = ""
    body: bytes = b""


class _Pinned(http.client.HTTPConnection):
    """Connects to a given address, so that no second look-up can lead elsewhere (DNS rebinding)."""

    def __init__(self, host: str, port: int, address: str, *, tls: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address, self._tls = address, tls

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT)
        if self._tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def post(url: str, address: str, body: bytes, headers: Mapping[str, str]) -> Posted:
    """POST to `url` at `address`. Redirects are not followed: they count as failures."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    connection = _Pinned(parts.hostname or "", parts.port or (443 if tls else 80), address, tls=tls)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        return Posted(answer.status, body=_beginning(answer) if answer.status >= 400 else b"")
    except (OSError, http.client.HTTPException) as error:
        return Posted(None, f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _beginning(answer: http.client.HTTPResponse) -> bytes:
    """What came with the head; nobody waits for more of it."""
    try:
        return answer.read1(MAX_ANSWER)
    except (OSError, http.client.HTTPException):
        return b""
