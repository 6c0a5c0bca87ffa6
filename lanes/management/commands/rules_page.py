"""Write `docs/rules.md` from the rules themselves, or check that it is what they say."""

from collections.abc import Iterable, Iterator

from django.utils import translation

from lanes import reasons
from lanes.rules import RULES, Rule
from lanes.rules.sampling import SAMPLING, SamplingRule
from trustedtruck.core.written_page import WrittenPage

_HEAD = """\
# The rules of the decision

`manage.py rules_page` writes this page from the code, and `make check` compares it.

A truck goes to the fast lane when no rule stands against it, it is not drawn at random, and a fast
lane is open for it. Otherwise it is inspected, for every reason that applies: each is named by its
code, in this order. What is not known is never a pass.
"""
_SAMPLING = """
## Sampling

Asked only where no rule stands against the truck. Each gives a rate; the truck is drawn when its
draw, a number in [0, 1), falls under it. One draw serves all of them, so the highest rate counts.
How a draw is made and can be recomputed: `docs/draws.md`.
"""
_OTHERS = """
## Other reasons

| code | sentence |
|---|---|
"""


class Command(WrittenPage):
    help = "Write docs/rules.md from the rules; with --check change nothing, fail where it differs."
    path = "docs/rules.md"

    def page(self) -> str:
        return page()


def page() -> str:
    """The whole page."""
    parts = [_HEAD, "\n## Rules\n", *_entries(RULES), _SAMPLING, *_entries(SAMPLING), _OTHERS]
    known = {rule.code for rule in RULES} | {rule.code for rule in SAMPLING}
    parts += [
        f"| `{code}` | {text} *{_spanish(text)}* |\n"
        for code, text in reasons.TEXTS.items()
        if code not in known
    ]
    return "".join(parts)


def _entries(rules: Iterable[Rule | SamplingRule]) -> Iterator[str]:
    for rule in rules:
        yield f"\n### `{rule.code}`\n{rule.text} *{_spanish(rule.text)}*\n"
        if rule.explanation:
            yield f"\n{rule.explanation}\n"


def _spanish(text: str) -> str:
    with translation.override("es"):
        return translation.gettext(text)
