"""How an edge talks to headquarters: two questions over HTTP, with short patience."""

import gzip
import http.client
import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from lanes.edge.wire import Encoder

PATIENCE_S = 10


class OutOfReach(Exception):
    """Headquarters did not answer, or not with what was asked for."""


def ask(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """POST `body` with the edge's key. Raises `OutOfReach`."""
    request = urllib.request.Request(  # noqa: S310 - the operator named the address
        f"{settings.EDGE_HEADQUARTERS}{path}",
        json.dumps(body, cls=Encoder).encode(),
        {
            "Authorization": f"Bearer {settings.EDGE_KEY}",
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310
            data = response.read()
            if response.headers.get("Content-Encoding") == "gzip":
                data = gzip.decompress(data)
        value = json.loads(data)
    except (OSError, http.client.HTTPException, ValueError, EOFError) as error:
        raise OutOfReach(str(error)) from error
    if not isinstance(value, dict):
        raise OutOfReach("the answer is no object")
    return value
