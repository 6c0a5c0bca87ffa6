"""Asks the product whether it is ready, as a load balancer would."""

import http.client
import json

from .stack import Options

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound


def answer(options: Options) -> str:
    """Empty when GET /readyz says 200, else what it said."""
    host = EVERYWHERE.get(options.bind, options.bind)
    connection = http.client.HTTPConnection(host, options.port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": options.host_header})
        response = connection.getresponse()
        body = response.read(2000).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({error!r})"
    finally:
        connection.close()
    return "" if response.status == 200 else f"{response.status} {_one_line(body)}"


def _one_line(body: str) -> str:
    try:
        return json.dumps(json.loads(body))
    except ValueError:
        return " ".join(body.split())[:300]
