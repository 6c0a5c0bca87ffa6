"""Answers to the criteria, and what an application lacks."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.criteria import CriteriaSet, criteria_of
from trustedtruck.carriers.models import (
    Answer,
    Application,
    Profile,
)
from trustedtruck.carriers.services.application import lock, record
from trustedtruck.carriers.services.stale import Stale
from trustedtruck.carriers.states import ApplicationState
from trustedtruck.core.errors import FieldError, Refused


@transaction.atomic
def save_answers(
    *,
    application: Application,
    answers: Mapping[str, tuple[str, str, int]],
    by: Actor,
    at: datetime,
) -> None:
    """Save what was typed to some criteria: criterion -> (status, text, version seen).

    An answer without a status is left alone. Raises `Stale` when one of them changed in the
    meantime, `Refused` when the application is with the officers.
    """
    application = lock(application)
    check_user_can_answer(application)
    criteria = criteria_of(application)
    known = {a.criterion: a for a in application.answers.select_for_update()}
    changed = []
    for criterion, (status, text, version) in answers.items():
        if criterion not in criteria.by_id or not status:
            continue
        answer = known.get(criterion)
        if (answer.version if answer else 0) != version:
            if answer and (answer.status, answer.text) == (status, text.strip()):
                continue
            raise Stale
        if answer and (answer.status, answer.text) == (status, text.strip()):
            continue
        answer = answer or Answer(application=application, criterion=criterion, version=0)
        answer.status, answer.text = status, text.strip()
        answer.version += 1
        answer.changed_by, answer.changed_at = str(by), at
        answer.save()
        changed.append(criterion)
    if changed:
        record("application.answered", application, by, criteria=changed)


def check_user_can_answer(application: Application) -> None:
    """Answers and evidence change only while the application is with the carrier."""
    if application.state not in (ApplicationState.DRAFT, ApplicationState.INFORMATION):
        raise Refused(
            "application_not_yours_now",
            _("The application is with the officers now; answers can no longer be changed."),
        )


def what_lacks(application: Application) -> list[FieldError]:
    """Everything that keeps an application from being submitted, each with its place."""
    found: list[FieldError] = []
    if not Profile.objects.filter(carrier=application.carrier_id).exists():
        found.append(FieldError("company", "required", _("The company profile is not filled in.")))
    criteria: CriteriaSet = criteria_of(application)
    answers = {a.criterion: a for a in application.answers.all()}
    for criterion in criteria.by_id.values():
        answer = answers.get(criterion.id)
        if answer is None:
            found.append(FieldError(criterion.id, "required", _("There is no answer yet.")))
        elif not answer.text and (criterion.must or answer.status != Answer.Status.MET):
            found.append(FieldError(criterion.id, "text_required", _("Describe how, or why not.")))
    with_evidence = set(application.evidence.values_list("criterion", flat=True))
    found += [
        FieldError(c.id, "evidence_required", _("Evidence is required here: attach a file."))
        for c in criteria.by_id.values()
        if c.evidence_required
        and c.id not in with_evidence
        and (a := answers.get(c.id)) is not None
        and a.status == Answer.Status.MET
    ]
    return found
