"""The forms that pages show, sent with nothing in them: what a page answers to wrong input."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.test import Client


@dataclass
class Form:
    """Where a form goes, what it brings along unseen, and whether something must be filled in."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    asks: bool = False


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._inside: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._inside = Form(given.get("action", ""))
            self.found.append(self._inside)
        elif self._inside and given.get("type") == "hidden":
            self._inside.hidden[given["name"]] = given.get("value", "")
        elif self._inside and "required" in given:
            self._inside.asks = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None


def sent_empty(client: Client, addresses: Iterable[str]) -> dict[str, int]:
    """By its address: what each form answers that asks for something and is given nothing."""
    found: dict[str, int] = {}
    for address in addresses:
        page = client.get(address)
        if page.status_code != 200 or "text/html" not in page.headers["Content-Type"]:
            continue
        parser = _Forms()
        parser.feed(page.content.decode())
        for form in parser.found:
            action = urljoin(address, form.action)
            if form.asks and action not in found:
                found[action] = client.post(action, form.hidden).status_code
    return found
