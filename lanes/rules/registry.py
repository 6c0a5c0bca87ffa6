"""Where the rules are collected: one function, one code, one docstring each.

A rule returns True when it stands against the fast lane. Its docstring is the one text of it: the
first paragraph is the sentence that users read, the rest gives the rule and its source.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc

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


RULES: list[Rule] = []


def rule(test: Test) -> Test:
    """Register a function as a rule under its own name, in the order of the source."""
    text, _blank, explanation = (getdoc(test) or "").partition("\n\n")
    name = test.__name__
    if not text.endswith("."):
        raise ValueError(f"rule {name} has no sentence for its users")
    RULES.append(Rule(name, " ".join(text.split()), explanation.strip(), test))
    return test
