"""What a check answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from trustedtruck.carriers.models import Application, VettingCheck
from trustedtruck.identifiers.checked import Checked

Outcome = VettingCheck.Outcome
_ORDER = [Outcome.PASS, Outcome.WARN, Outcome.UNKNOWN, Outcome.FAIL]


@dataclass
class Result:
    """The worst outcome of all findings. A finding is a text with `%(name)s` places, and values."""

    outcome: Outcome = Outcome.PASS
    findings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, outcome: Outcome, text: str, **params: object) -> None:
        self.outcome = max(self.outcome, outcome, key=_ORDER.index)
        self.findings.append(
            {
                "outcome": outcome.value,
                "text": text,
                "params": {k: str(v) for k, v in params.items()},
            }
        )

    def take(self, checked: Checked) -> None:
        for finding in checked.errors:
            self.add(Outcome.FAIL, finding.text, **finding.params)
        for finding in checked.warnings:
            self.add(Outcome.WARN, finding.text, **finding.params)


Check = Callable[[Application, date], Result]
