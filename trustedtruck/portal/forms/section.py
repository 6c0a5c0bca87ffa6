"""The form of one category of the security profile, made from its criteria."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.criteria import Category, Criterion
from trustedtruck.carriers.models import Answer, Evidence
from trustedtruck.pages.forms import ServiceForm


@dataclass(frozen=True)
class Entry:
    """One criterion as the page shows it. `saved` is set where somebody else saved meanwhile."""

    criterion: Criterion
    status: BoundField
    text: BoundField
    file: BoundField
    version: BoundField
    evidence: list[Evidence]
    saved: Answer | None

    @property
    def chosen(self) -> str:
        """The answer in words, for who has no form; empty where there is none."""
        return str(dict(Answer.Status.choices).get(str(self.status.value()), ""))


class LaterChoice(forms.ChoiceField):
    """Required in the end, not yet: an answer is saved as one goes."""

    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class LaterFile(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> Any:
        return None if data is None else super().clean(data, initial)


class LaterText(forms.CharField):
    def validate(self, value: Any) -> None:
        if value not in self.empty_values:
            super().validate(value)


class SectionForm(ServiceForm):
    """`status_<id>`, `text_<id>`, `file_<id>` and `version_<id>` for each criterion."""

    use_required_attribute = False

    def __init__(
        self, *args: Any, category: Category, answers: dict[str, Answer], **options: Any
    ) -> None:
        self.category, self.answers = category, answers
        initial: dict[str, str | int] = {}
        for criterion in category.criteria:
            answer = answers.get(criterion.id)
            initial[f"version_{criterion.id}"] = answer.version if answer else 0
            if answer:
                initial[f"status_{criterion.id}"] = answer.status
                initial[f"text_{criterion.id}"] = answer.text
        super().__init__(*args, **options, initial=initial)  # type: ignore[misc]
        for criterion in category.criteria:
            self.fields[f"status_{criterion.id}"] = LaterChoice(
                label=_("Answer to %(id)s") % {"id": criterion.id},
                choices=Answer.Status,
                widget=forms.RadioSelect,
            )
            self.fields[f"text_{criterion.id}"] = LaterText(
                label=_("How you do it (%(id)s)") % {"id": criterion.id},
                max_length=8000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            self.fields[f"file_{criterion.id}"] = LaterFile(
                label=_("Evidence for %(id)s") % {"id": criterion.id},
                required=criterion.evidence_required,
                allow_empty_file=True,
                help_text=_("PDF, PNG or JPEG, 10 MB at most."),
                widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
            )
            self.fields[f"version_{criterion.id}"] = forms.IntegerField(
                min_value=0, widget=forms.HiddenInput
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for criterion in self.category.criteria:
            if data.get(f"text_{criterion.id}") and not data.get(f"status_{criterion.id}"):
                self.add_error(f"status_{criterion.id}", _("Choose one of the answers."))
        return data

    def given(self) -> dict[str, tuple[str, str, int]]:
        data = self.cleaned_data
        return {
            c.id: (data[f"status_{c.id}"], data[f"text_{c.id}"], data[f"version_{c.id}"])
            for c in self.category.criteria
        }

    def given_files(self) -> dict[str, tuple[str, bytes]]:
        found = {}
        for criterion in self.category.criteria:
            upload = self.cleaned_data.get(f"file_{criterion.id}")
            if upload is not None:
                found[criterion.id] = (upload.name, upload.read())
        return found

    def accept_newer(self, answers: dict[str, Answer]) -> None:
        """After a stale save: the next one is judged against what is saved now."""
        self.answers = answers
        for criterion in self.category.criteria:
            answer = answers.get(criterion.id)
            self.overwrite(f"version_{criterion.id}", answer.version if answer else 0)

    def entries(self, evidence: dict[str, list[Evidence]], *, stale: bool = False) -> list[Entry]:
        return [
            Entry(
                c,
                self[f"status_{c.id}"],
                self[f"text_{c.id}"],
                self[f"file_{c.id}"],
                self[f"version_{c.id}"],
                evidence.get(c.id, []),
                self._changed(c) if stale else None,
            )
            for c in self.category.criteria
        ]

    def _changed(self, criterion: Criterion) -> Answer | None:
        answer = self.answers.get(criterion.id)
        if answer is None:
            return None
        typed = (self[f"status_{criterion.id}"].value(), self[f"text_{criterion.id}"].value())
        return None if typed == (answer.status, answer.text) else answer
