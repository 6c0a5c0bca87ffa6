"""Events as people read them: a sentence, and what changed from which value to which."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext

from trustedtruck.audit.models import Event
from trustedtruck.audit.sentences import KINDS, SENTENCES, WORDS

DASH = "—"
# An instant as services write it into an event's data.
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(\+00:00|Z)", re.ASCII)


class _Values(dict[str, Any]):
    """What a sentence may name; whatever the event does not say is a dash."""

    def __missing__(self, key: str) -> str:
        return DASH


def sentence(event: Event) -> str:
    """One sentence in the reader's language."""
    data = event.data if isinstance(event.data, dict) else {}
    values = _Values({key: _word(value) for key, value in data.items()})
    values |= {"who": who(event), "what": what(event), "subject_id": event.subject_id}
    if event.action not in SENTENCES:
        return gettext("%(who)s: %(action)s, %(what)s.") % {**values, "action": event.action}
    text = gettext(SENTENCES[event.action]) % values
    return str(capfirst(text))


def who(event: Event) -> str:
    """Who acted, and for whom."""
    label = event.actor_label or event.actor_id
    if event.actor_kind == "system":
        label = _word(label)
    elif event.actor_kind != "user":
        label = f"{_kind(event.actor_kind)} {label}"
    if event.on_behalf_of:
        return gettext("%(who)s, on behalf of %(whom)s,") % {
            "who": label,
            "whom": event.on_behalf_of,
        }
    return label


def what(event: Event) -> str:
    return f"{_kind(event.subject_kind)} {event.subject_id}"


def _kind(kind: str) -> str:
    return gettext(KINDS[kind]) if kind in KINDS else kind.replace("_", " ")


def _word(value: Any) -> str:
    if value is None:
        return DASH
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return gettext(WORDS[value]) if isinstance(value, str) and value in WORDS else str(value)


def changes(event: Event) -> Iterator[tuple[str, str, str]]:
    """(what, before, after) of each value that changed; nothing where the event tells of none."""
    data = event.data if isinstance(event.data, dict) else {}
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield name, _word(before.get(name)), _word(after.get(name))
    elif before is not None and after is not None:
        yield _kind(event.subject_kind), _word(before), _word(after)
