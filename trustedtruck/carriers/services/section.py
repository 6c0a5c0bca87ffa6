"""One page of the security profile: its answers and its files, in one call."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Application
from trustedtruck.carriers.services.answers import save_answers
from trustedtruck.carriers.services.evidence import add_evidence
from trustedtruck.core.errors import FieldError, Invalid


def save_section(
    *,
    application: Application,
    answers: Mapping[str, tuple[str, str, int]],
    files: Mapping[str, tuple[str, bytes]],
    by: Actor,
    at: datetime,
) -> None:
    """Save answers, then files: criterion -> (name, content).

    A file that is refused keeps neither the answers nor the other files from being saved. Raises
    `Invalid` with `file_<criterion>` for each refused file, and what `save_answers` raises.
    """
    save_answers(application=application, answers=answers, by=by, at=at)
    errors: list[FieldError] = []
    for criterion, (name, content) in files.items():
        try:
            add_evidence(
                application=application,
                criterion=criterion,
                name=name,
                content=content,
                by=by,
                at=at,
            )
        except Invalid as refusal:
            errors += [FieldError(f"file_{criterion}", e.code, e.text) for e in refusal.errors]
    if errors:
        raise Invalid(tuple(errors), _("Some fields are wrong."))
