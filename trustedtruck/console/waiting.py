"""What waits for an officer: the first thing that the console's first page shows.

A new kind of work adds one function to `KINDS`. It counts for one officer, in one query.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from lanes.inspections.models import Exam, JointInspection, JointVerdict, Proposal
from lanes.inspections.queries.scans import unread_by
from lanes.models import Alarm, Policy, Port
from lanes.queries import open_requests
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.alerts.models import Inbound
from trustedtruck.alerts.queries.visible import hits_for, is_foreign
from trustedtruck.alerts.states import HitState
from trustedtruck.carriers.models import Appeal, Application, CorrectivePlan
from trustedtruck.carriers.states import ApplicationState
from trustedtruck.console.inspections.scope import seen_by


@dataclass(frozen=True, slots=True)
class Waiting:
    """`where` is a port's name, or empty; `urgent` comes first and is marked."""

    text: str
    count: int
    address: str
    where: str = ""
    urgent: bool = False


def _by_port(rows: QuerySet[Alarm] | QuerySet[Policy]) -> Iterator[tuple[str, str, int]]:
    """The code, name and count of each port that has any."""
    counted = rows.order_by("port").values_list("port", "port__name").annotate(n=Count("pk"))
    yield from counted


def _alarms(officer: User) -> Iterable[Waiting]:
    rows = Alarm.objects.filter(port__in=officer.ports, closed_at__isnull=True)
    for code, name, count in _by_port(rows):
        yield Waiting(
            ngettext("open alarm", "open alarms", count),
            count,
            reverse("console:alarms", args=[code]),
            name,
            True,
        )


def _scans(officer: User) -> Iterable[Waiting]:
    """Whoever gave the first look does not give the second."""
    rows = unread_by(officer.ports, str(officer.actor)).order_by("port")
    for code, name, count in rows.values_list("port", "port__name").annotate(n=Count("pk")):
        page = reverse("console:inspections", args=[code])
        yield Waiting(ngettext("scan to read", "scans to read", count), count, page, name, True)


def _exams(officer: User) -> Iterable[Waiting]:
    mine = seen_by(officer, None, "inspection")
    rows = Exam.objects.filter(mine, inspection__port__in=officer.ports, state="submitted")
    rows = rows.exclude(submitted_by=str(officer.actor)).order_by("inspection__port")
    names = rows.values_list("inspection__port", "inspection__port__name")
    for code, name, count in names.annotate(n=Count("pk")):
        page = reverse("console:inspections", args=[code])
        yield Waiting(
            ngettext("exam to approve", "exams to approve", count), count, page, name, True
        )


def _joint(officer: User) -> Iterable[Waiting]:
    """Joint inspections in which the own agency has not spoken in this round."""
    rows = JointInspection.objects.filter(
        Q(agency_a=officer.agency) | Q(agency_b=officer.agency),
        ~Exists(
            JointVerdict.objects.filter(
                Q(round=1, joint__state="open") | Q(round=2, joint__state="disagreed"),
                joint=OuterRef("pk"),
                agency=officer.agency,
            )
        ),
        inspection__port__in=officer.ports,
        result="",
    )
    names = rows.order_by("inspection__port").values_list(
        "inspection__port", "inspection__port__name"
    )
    for code, name, count in names.annotate(n=Count("pk")):
        page = reverse("console:inspections", args=[code])
        yield Waiting(
            ngettext(
                "joint inspection without your agency’s verdict",
                "joint inspections without your agency’s verdict",
                count,
            ),
            count,
            page,
            name,
            True,
        )


def _proposals(officer: User) -> Iterable[Waiting]:
    count = Proposal.objects.filter(state="open").count()
    if count:
        text = ngettext(
            "proposal that follows a carrier’s record",
            "proposals that follow records of carriers",
            count,
        )
        yield Waiting(text, count, reverse("console:proposals"))


def _requests(officer: User) -> Iterable[Waiting]:
    names = dict(Port.objects.filter(code__in=officer.ports).values_list("code", "name"))
    for code, name in names.items():
        asked = [one for one in open_requests(code) if one.requested_by != str(officer.actor)]
        if asked:
            text = ngettext(
                "request for the fast lane that needs a second officer",
                "requests for the fast lane that need a second officer",
                len(asked),
            )
            page = reverse("console:arrival", args=[code, asked[0].arrival_id])
            yield Waiting(text, len(asked), page, name, True)


def _policies(officer: User) -> Iterable[Waiting]:
    rows = Policy.objects.filter(port__in=officer.ports, approved_by="", withdrawn_by="")
    for code, name, count in _by_port(rows.exclude(drafted_by=str(officer.actor))):
        address = reverse("console:policies", args=[code])
        yield Waiting(
            ngettext(
                "draft of a policy that waits for approval",
                "drafts of a policy that wait for approval",
                count,
            ),
            count,
            address,
            name,
        )


def _applications(officer: User) -> Iterable[Waiting]:
    address = reverse("enrolment:applications")
    rows = Application.objects.all()
    new = rows.filter(state=ApplicationState.SUBMITTED).count()
    late = rows.filter(overdue_at__isnull=False, decided_at__isnull=True).count()
    advised = rows.filter(state=ApplicationState.ADVISED)
    second = advised.exclude(advised_by=str(officer.actor)).count()
    yield Waiting(
        ngettext("application whose answer is late", "applications whose answer is late", late),
        late,
        address,
        urgent=True,
    )
    yield Waiting(ngettext("application to review", "applications to review", new), new, address)
    yield Waiting(
        ngettext(
            "application that needs a second officer",
            "applications that need a second officer",
            second,
        ),
        second,
        address,
    )
    plans = CorrectivePlan.objects.filter(state="filed").count()
    yield Waiting(
        ngettext("corrective action plan to review", "corrective action plans to review", plans),
        plans,
        address,
    )
    filed = Appeal.objects.filter(state="filed")
    appeals = filed.exclude(contested_by=str(officer.actor)).count()
    yield Waiting(ngettext("appeal to decide", "appeals to decide", appeals), appeals, address)


def _hits(officer: User) -> Iterable[Waiting]:
    rows = hits_for(officer).filter(state__in=[HitState.OPEN, HitState.POSSIBLE])
    count = rows.count()
    yield Waiting(
        ngettext("hit of an alert to answer", "hits of alerts to answer", count),
        count,
        reverse("console:hits"),
        urgent=True,
    )


def _quarantine(officer: User) -> Iterable[Waiting]:
    if is_foreign(officer):
        return
    count = Inbound.objects.filter(decided_at__isnull=True).count()
    yield Waiting(
        ngettext("partner’s message in quarantine", "partners’ messages in quarantine", count),
        count,
        reverse("console:quarantine"),
    )


KINDS: tuple[tuple[Permission, Callable[[User], Iterable[Waiting]]], ...] = (
    (Permission.ALARM_CLOSE, _alarms),
    (Permission.SCAN_JUDGE, _scans),
    (Permission.EXAM_APPROVE, _exams),
    (Permission.JOINT_JUDGE, _joint),
    (Permission.ENROLMENT_WRITE, _proposals),
    (Permission.FAST_APPROVE, _requests),
    (Permission.POLICY_APPROVE, _policies),
    (Permission.ENROLMENT_WRITE, _applications),
    (Permission.ALERT_ANSWER, _hits),
    (Permission.ALERT_ACCEPT, _quarantine),
)


def waiting(officer: User) -> list[Waiting]:
    """All that waits for this officer, the urgent first."""
    found = [
        one
        for permission, count in KINDS
        if user_can(officer, permission)
        for one in count(officer)
        if one.count
    ]
    return sorted(found, key=lambda one: not one.urgent)
