"""How a rule is written: one function, one code, one docstring.

A rule returns True when it stands against the fast lane. Its docstring is the one text of it: the
first paragraph is the sentence that users read, the rest gives the rule and its source.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc
from types import ModuleType

from lanes.rules.facts import Facts
from lanes.rules.policy import Policy

Test = Callable[[Facts, Policy], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` is stable and public; `text` is the user's sentence (English, the key to Spanish)."""

    code: str
    text: str
    explanation: str
    test: Test

    def __call__(self, facts: Facts, policy: Policy) -> bool:
        return self.test(facts, policy)


def rule(test: Test) -> Rule:
    """Make a function a rule under its own name."""
    text, _blank, explanation = (getdoc(test) or "").partition("\n\n")
    name = test.__name__
    if not text.endswith("."):
        raise ValueError(f"rule {name} has no sentence for its users")
    return Rule(name, " ".join(text.split()), explanation.strip(), test)


def rules_in(*modules: ModuleType) -> tuple[Rule, ...]:
    """The rules of modules, in the order of their source."""
    return tuple(
        found for module in modules for found in vars(module).values() if isinstance(found, Rule)
    )
