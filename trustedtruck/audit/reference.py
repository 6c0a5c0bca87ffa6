"""What the reference in the docs lists of the audit: every action with its sentence."""

from collections.abc import Mapping

from trustedtruck.audit.sentences import SENTENCES
from trustedtruck.core.reference.tables import page, spanish, table


def pages() -> Mapping[str, str]:
    rows = [(f"`{action}`", text, spanish(text)) for action, text in sorted(SENTENCES.items())]
    return {
        "audit-actions.md": page(
            "Actions of the audit",
            "The `action` of each event, and the sentence that tells it; what stands in `%(…)s` is"
            " taken from the event.",
            table(("action", "sentence", "in Spanish"), rows),
        )
    }
