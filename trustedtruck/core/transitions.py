"""States that change only through a table.

A `Table` names every change that a thing may go through: from which states, to which, who owns the
change, and the audit action it writes. Services ask the table; the diagrams in the docs are drawn
from it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models.enums import Choices
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import Refused, Text


@dataclass(frozen=True)
class Transition:
    """One allowed change. `owner` is the role (or `system`) that may cause it.

    `text` is the change as a verb, whose subject is the table's. States are `TextChoices`, so that
    a refusal can name them in the reader's language.
    """

    name: str
    sources: frozenset[str]
    target: str
    owner: str
    action: str
    text: Text
    notify: str = ""

    def allowed_from(self, state: str) -> bool:
        return state in self.sources


class TransitionRefused(Refused):
    """The table has no such change from the thing's present state."""

    def __init__(self, subject: Text, transition: Transition, state: str, label: Text) -> None:
        super().__init__(
            "transition_refused",
            _("%(subject)s is “%(state)s”: the change “%(change)s” is not possible from there.")
            % {"subject": subject, "state": label, "change": transition.text},
            state=state,
            transition=transition.name,
        )


class Table:
    """All transitions of one kind of thing, by name."""

    def __init__(self, subject: Text, transitions: Iterable[Transition]) -> None:
        self.subject = subject
        self._by_name = {t.name: t for t in transitions}
        states = {state for t in self for state in (*t.sources, t.target)}
        self._labels = {str(s): s.label for s in states if isinstance(s, Choices)}

    def __iter__(self) -> Iterator[Transition]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> Transition:
        return self._by_name[name]

    def check(self, name: str, state: str) -> Transition:
        """The transition, or `TransitionRefused`."""
        transition = self._by_name[name]
        if not transition.allowed_from(state):
            label = self._labels.get(state, state)
            raise TransitionRefused(self.subject, transition, state, label)
        return transition

    def possible_from(self, state: str) -> list[Transition]:
        return [t for t in self if t.allowed_from(state)]

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram, for the docs."""
        lines = ["stateDiagram-v2"]
        for transition in self:
            lines += [
                f"    {source or '[*]'} --> {transition.target}:"
                f" {transition.name} ({transition.owner})"
                for source in sorted(transition.sources)
            ]
        return "\n".join(lines) + "\n"
