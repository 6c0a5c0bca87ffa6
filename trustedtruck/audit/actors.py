"""Who acts. Every service takes `by=`, an `Actor`, and writes it into its audit event."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person, a device, a partner's or carrier's system, or a process of ours.

    Kept as text, with no foreign key: an audit event must outlive whatever it speaks of.
    """

    kind: str
    id: str
    label: str = ""
    on_behalf_of: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def system(name: str) -> Actor:
    """A process of ours: `worker`, `sweep`, `beat`, `demo`."""
    return Actor("system", name, name)
