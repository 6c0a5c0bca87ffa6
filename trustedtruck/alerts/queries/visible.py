"""Which officer may see what of an alert: by its mark, and by the officer's agency.

Whoever meets the truck always sees the instruction and whose alert it is, and nothing more where
the mark keeps the rest.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from trustedtruck.accounts.models import User
from trustedtruck.alerts.kinds import Kind
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models import Alert, Criterion, Feedback, Hit, Partner, Seizure

PERSONS = frozenset({Kind.DRIVER, Kind.DRIVER_NAME})


@dataclass(frozen=True)
class Seen:
    """An alert as one officer sees it. `whole` is whether more than the instruction is shown,
    `names` whether somebody is named by what is shown.
    """

    alert: Alert
    whole: bool
    names: bool
    clauses: list[list[tuple[str, str]]]


def is_foreign(officer: User) -> bool:
    """Whether the officer's agency is a partner with a system of its own."""
    return Partner.objects.filter(pk=officer.agency_id).exists()


def visible(officer: User) -> QuerySet[Alert]:
    """The alerts that this officer may see whole.

    The own agency's: all. Another agency of this system: up to AMBER. A partner's, which was sent
    to this system: up to AMBER+STRICT, but not RED. An officer of a partner: up to GREEN.
    """
    return Alert.objects.filter(_within_marks(officer, "owner_id"))


def feedback_for(officer: User) -> QuerySet[Feedback]:
    """Feedback that this officer may see, with its seizures: each by its own mark and agency."""
    taken = Seizure.objects.filter(_within_marks(officer, "agency_id")).select_related("agency")
    return (
        Feedback.objects.filter(_within_marks(officer, "agency_id"))
        .select_related("agency", "hit")
        .prefetch_related(Prefetch("seizures", taken))
    )


def _within_marks(officer: User, owner: str) -> Q:
    own = Q(**{owner: officer.agency_id})
    if is_foreign(officer):
        return own | Q(mark__in=[Mark.CLEAR, Mark.GREEN])
    up_to_amber = Q(mark__in=[Mark.CLEAR, Mark.GREEN, Mark.AMBER])
    sent_to_us = Q(Exists(Partner.objects.filter(pk=OuterRef(owner))), mark=Mark.AMBER_STRICT)
    return own | up_to_amber | sent_to_us


def seen_by(alert: Alert, officer: User, *, people: bool) -> Seen:
    """`people` is whether the officer may see who drives; else names and cards are left out."""
    return seen(alert, whole=visible(officer).filter(pk=alert.pk).exists(), people=people)


def seen(alert: Alert, *, whole: bool, people: bool) -> Seen:
    """The same of an alert of which is known whether the officer may see it whole."""
    clauses: dict[int, list[tuple[str, str]]] = {}
    criteria = list(alert.criteria.all()) if whole else []
    for one in criteria:
        clauses.setdefault(one.clause, []).append(_shown(one, people))
    names = people and any(one.kind in PERSONS for one in criteria)
    return Seen(alert, whole, names, list(clauses.values()))


def _shown(one: Criterion, people: bool) -> tuple[str, str]:
    hidden = one.kind in PERSONS and not people
    return str(one.get_kind_display()), "" if hidden else one.value


def hits_for(officer: User) -> QuerySet[Hit]:
    """Hits at the officer's ports, and those on alerts of the officer's agency anywhere.

    An officer of a partner sees only those on alerts that the officer may see.
    """
    rows = Hit.objects.select_related("alert__owner")
    if is_foreign(officer):
        rows = rows.filter(alert__in=visible(officer))
    return rows.filter(Q(port_code__in=officer.ports) | Q(alert__owner=officer.agency_id))


def kept_from(alert: Alert) -> set[str]:
    """The agencies of partners whose officers hear nothing of hits on this alert."""
    if alert.mark in (Mark.CLEAR, Mark.GREEN):
        return set()
    return set(Partner.objects.exclude(pk=alert.owner_id).values_list("pk", flat=True))


def may_judge(hit: Hit, officer: User) -> bool:
    """Whoever works where the hit was, and the agency whose alert it is."""
    return hit.port_code in officer.ports or hit.alert.owner_id == officer.agency_id
