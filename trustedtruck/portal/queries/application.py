"""The application as its pages show it."""

from collections import defaultdict
from dataclasses import dataclass

from trustedtruck.carriers.criteria import Category, criteria_of
from trustedtruck.carriers.models import (
    Answer,
    Application,
    Carrier,
    Evidence,
    InformationRequest,
    Profile,
)
from trustedtruck.carriers.services.answers import what_lacks
from trustedtruck.carriers.services.enrolment import check_carrier_can_apply
from trustedtruck.carriers.states import CLOSED, ApplicationState
from trustedtruck.core.errors import Refused


@dataclass(frozen=True)
class Step:
    category: Category
    answered: int

    @property
    def total(self) -> int:
        return len(self.category.criteria)

    @property
    def complete(self) -> bool:
        return self.answered == self.total


@dataclass(frozen=True)
class Progress:
    """How far the profile is. `steps` are the twelve categories."""

    steps: list[Step]
    has_profile: bool

    @property
    def answered(self) -> int:
        return sum(step.answered for step in self.steps)

    @property
    def total(self) -> int:
        return sum(step.total for step in self.steps)


def latest(carrier: Carrier) -> Application | None:
    return Application.objects.filter(carrier=carrier).order_by("-opened_at", "-pk").first()


@dataclass(frozen=True)
class Gap:
    """What lacks in the same way in criteria of one category; without one, in the company."""

    text: str
    category: Category | None
    criteria: list[str]


def missing(application: Application | None) -> list[Gap]:
    """What keeps a draft from being submitted; nothing for any other state."""
    if application is None or application.state != ApplicationState.DRAFT:
        return []
    category_of = {c.id: k for k in criteria_of(application).categories for c in k.criteria}
    found: dict[tuple[int, str], Gap] = {}
    for point in what_lacks(application):
        category = category_of.get(point.field)
        key = (category.number if category else 0, str(point.text))
        gap = found.setdefault(key, Gap(key[1], category, []))
        if category:
            gap.criteria.append(point.field)
    return [found[key] for key in sorted(found)]


def is_with_carrier(application: Application) -> bool:
    return application.state in (ApplicationState.DRAFT, ApplicationState.INFORMATION)


def can_reopen(carrier: Carrier, application: Application | None) -> bool:
    if application is not None and application.state not in CLOSED:
        return False
    try:
        check_carrier_can_apply(carrier)
    except Refused:
        return False
    return True


def progress_of(carrier: Carrier) -> Progress | None:
    """How many criteria of each category have an answer; None before there is an application."""
    application = latest(carrier)
    if application is None:
        return None
    answered = set(application.answers.values_list("criterion", flat=True))
    steps = [
        Step(category, sum(1 for c in category.criteria if c.id in answered))
        for category in criteria_of(application).categories
    ]
    return Progress(steps, Profile.objects.filter(carrier=carrier).exists())


def answers(application: Application) -> dict[str, Answer]:
    return {answer.criterion: answer for answer in application.answers.all()}


def evidence(application: Application) -> dict[str, list[Evidence]]:
    found: dict[str, list[Evidence]] = defaultdict(list)
    for row in application.evidence.order_by("uploaded_at"):
        found[row.criterion].append(row)
    return found


def open_request(application: Application | None) -> InformationRequest | None:
    if application is None:
        return None
    return application.requests.filter(answered_at__isnull=True).order_by("pk").first()


def requests(application: Application | None) -> list[InformationRequest]:
    if application is None:
        return []
    return list(application.requests.filter(answered_at__isnull=False).order_by("pk"))
