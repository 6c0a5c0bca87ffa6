"""Asks the product over HTTP, as a load balancer would."""

import http.client
import json

from .stack import Options

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound


def answer(options: Options) -> str:
    """Empty when GET /readyz says 200, else what it said."""
    status, body = _get(options, "/readyz")
    return "" if status == 200 else f"{status or 'no answer'} {_one_line(body)}"


def exists(options: Options, path: str) -> bool:
    """Whether the product has a page there, open or behind a log-in."""
    return _get(options, path)[0] not in (0, 404)


def _get(options: Options, path: str) -> tuple[int, str]:
    """Status and body; status 0 and the reason when there was no answer."""
    host = EVERYWHERE.get(options.bind, options.bind)
    connection = http.client.HTTPConnection(host, options.port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": options.host_header})
        response = connection.getresponse()
        return response.status, response.read(2000).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return 0, f"({error!r})"
    finally:
        connection.close()


def _one_line(body: str) -> str:
    try:
        return json.dumps(json.loads(body))
    except ValueError:
        return " ".join(body.split())[:300]
