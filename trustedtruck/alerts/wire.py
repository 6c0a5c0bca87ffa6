"""Messages between systems, as they come in: read strictly, with every wrong field at once.

warning   {kind, id, version, owner, mark, issued_at?, category, severity, valid_from,
           criteria: [[{kind, value}, …], …], instruction?, reason?}
feedback  {kind, id, version, owner, mark, warning, result, sent_at, note?}
seizure   {kind, id, version, owner, mark, feedback, category, hs_code?, quantity, unit, port?,
           seized_at, sent_at, goods?, concealment?, note?}
recall    {kind, id, version, owner, mark}
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from trustedtruck.alerts.drafts import INSTRUCTION, REASON, Draft, Wanted
from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models import Category, Feedback, Release, Severity
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.core.fields import InstantField, Strict, TextField, WholeField
from trustedtruck.core.problems import field_errors

ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z"
REVIEWED_AFTER = timedelta(days=90)
# What an alert says where the copy of a partner says nothing; stored as it is, in English.
NO_REASON = gettext_noop("The sending agency gave no reason.")
NO_INSTRUCTION = gettext_noop("Inspect, and ask the sending agency.")


class _Ref(serializers.RegexField):
    def __init__(self, **options: Any) -> None:
        super().__init__(ID, **options)


class MessageSerializer(Strict):
    """What every message has."""

    kind = serializers.ChoiceField(Release.Kind.choices)
    id = _Ref()
    version = WholeField(min_value=1, max_value=1_000_000)
    owner = serializers.RegexField(r"^[A-Z0-9][A-Z0-9-]{1,15}\Z")
    mark = serializers.ChoiceField(Mark.choices)
    issued_at = InstantField(required=False)


class CriterionSerializer(Strict):
    kind = serializers.ChoiceField(Kind.choices)
    value = TextField(max_length=120)


class WarningSerializer(MessageSerializer):
    category = serializers.ChoiceField(Category.choices)
    severity = serializers.ChoiceField(Severity.choices)
    valid_from = InstantField()
    valid_until = InstantField(required=False, allow_null=True)
    criteria = serializers.ListField(
        child=serializers.ListField(child=CriterionSerializer(), min_length=1, max_length=20),
        min_length=1,
        max_length=20,
    )
    instruction = TextField(required=False, max_length=INSTRUCTION)
    reason = TextField(required=False, max_length=REASON)


class _Final(MessageSerializer):
    """What is never changed once sent: there is one version of it."""

    version = WholeField(min_value=1, max_value=1)


class FeedbackSerializer(_Final):
    warning = _Ref()
    result = serializers.ChoiceField(Feedback.Result.choices)
    sent_at = InstantField()
    note = TextField(required=False, allow_blank=True, max_length=4000)


class SeizureSerializer(_Final):
    feedback = _Ref()
    category = serializers.ChoiceField(Category.choices)
    hs_code = serializers.RegexField(r"^[0-9]{2,10}\Z", required=False, allow_blank=True)
    quantity = serializers.DecimalField(max_digits=14, decimal_places=3, min_value=0)
    unit = TextField(max_length=8)
    port = serializers.RegexField(r"^[0-9]{4}\Z", required=False, allow_blank=True)
    seized_at = InstantField()
    sent_at = InstantField()
    goods = TextField(required=False, max_length=200)
    concealment = TextField(required=False, max_length=200)
    note = TextField(required=False, max_length=4000)


_KINDS: dict[str, type[MessageSerializer]] = {
    "warning": WarningSerializer,
    "feedback": FeedbackSerializer,
    "seizure": SeizureSerializer,
    "recall": MessageSerializer,
}


def read(body: Any, *, path: str = "") -> dict[str, Any]:
    """The message's values. Raises `Invalid`, its fields below `path`."""
    kind = body.get("kind") if isinstance(body, dict) else None
    serializer = (_KINDS.get(kind, MessageSerializer) if isinstance(kind, str) else None) or (
        MessageSerializer
    )
    reader = serializer(data=body)
    if not reader.is_valid():
        raise Invalid(tuple(field_errors(reader.errors, path)), _("Some fields are wrong."))
    value: dict[str, Any] = reader.validated_data
    refers_to = value.get("warning") or value.get("feedback")
    if refers_to == value["id"]:
        wrong = FieldError(
            f"{path}.{value['kind']}" if path else value["kind"],
            "reference_cycle",
            gettext("A message cannot answer itself."),
        )
        raise Invalid((wrong,), _("Some fields are wrong."))
    return value


def draft_of(value: dict[str, Any], *, at: datetime) -> Draft:
    """The alert that a warning asks for."""
    return Draft(
        category=value["category"],
        severity=value["severity"],
        mark=value["mark"],
        reason=value.get("reason") or NO_REASON,
        instruction=value.get("instruction") or NO_INSTRUCTION,
        valid_from=value["valid_from"],
        valid_until=value.get("valid_until"),
        review_date=(at + REVIEWED_AFTER).date(),
        criteria=tuple(
            Wanted(clause, one["kind"], one["value"])
            for clause, some in enumerate(value["criteria"])
            for one in some
        ),
    )
