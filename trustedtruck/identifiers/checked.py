"""What a check answers: the normal form, and what is wrong or odd about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def _(text: str) -> str:
    """Mark a text for translation without translating it, as `gettext_noop` does."""
    return text


@dataclass(frozen=True)
class Finding:
    """One thing wrong or odd: a stable code, and an English sentence with `%(name)s` places.

    In another language: `gettext(finding.text) % finding.params`.
    """

    code: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.text % self.params


@dataclass(frozen=True)
class Checked:
    """An identifier in its normal form, with every error and every warning at once."""

    value: str
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """No error; there may be warnings."""
        return not self.errors
