"""Write every operation of the API as a request that an editor can send, or check the file."""

import json
import re
from typing import Any

from trustedtruck.core.openapi import description, example_of, operations
from trustedtruck.core.written_page import WrittenPage

HEAD = """# Every operation of the API, for the REST clients of JetBrains, VS Code and Emacs.
# Written by `manage.py http_file` from the OpenAPI description; `make check` compares the two.
# The ids are those of a demonstration of ours: replace them with yours.

@base = http://127.0.0.1:8000
@key = tt_put_your_key_here
"""
_PLACE = re.compile(r"\{(\w+)\}")


def page() -> str:
    return HEAD + "".join(_request(*found) for found in operations(description()))


def _request(path: str, method: str, operation: dict[str, Any]) -> str:
    example = example_of(operation["operationId"])
    known = example.get("parameters", {})
    address = _PLACE.sub(lambda place: str(known.get(place[1], place[0])), path)
    described = operation.get("description", "").partition("\n")[0]
    parts = [f"\n### {operation['operationId']}: {described}\n"]
    query = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
    asked = "&".join(f"{name}={known[name]}" for name in query if name in known)
    parts.append(f"{method.upper()} {{{{base}}}}{address}{'?' + asked if asked else ''}\n")
    if operation.get("security"):
        parts.append("Authorization: Bearer {{key}}\n")
    bodies = example.get("request", {}) or _picture(operation)
    for media_type, body in list(bodies.items())[:1]:
        text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
        parts.append(f"Content-Type: {media_type}\n\n{text}\n")
    return "".join(parts)


def _picture(operation: dict[str, Any]) -> dict[str, str]:
    """A body that is a picture stands in a file beside this one."""
    taken = operation.get("requestBody", {}).get("content", {})
    return {kind: "< ./image.png" for kind in taken if kind == "image/png"}


class Command(WrittenPage):
    help = "Write docs/api.http from the OpenAPI description; with --check only compare."
    path = "docs/api.http"

    def page(self) -> str:
        return page()
