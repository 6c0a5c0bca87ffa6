"""Releasing copies to partners. Each asks the agreement and the mark, and is audited.

A partner's releases are numbered under a lock of its own, so that the numbers grow with the commits
and a reader of the feed, who goes by them, misses none.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from trustedtruck.alerts import copies, marks
from trustedtruck.alerts.copies import Copy
from trustedtruck.alerts.models import Agreement, Alert, Feedback, Partner, Release, Seizure
from trustedtruck.alerts.states import AlertState
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.work import after_commit

_LOCK = 7_215_702
PUSH = "trustedtruck.alerts.tasks.push_releases"
AT_ONCE = 500
Made = tuple[Alert, Agreement, str, UUID, int, Copy]


def agreements_in_force(at: datetime) -> QuerySet[Agreement]:
    """At this instant, partner by partner."""
    return (
        Agreement.objects.filter(valid_from__lte=at, ended_at__isnull=True)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))
        .select_related("partner")
        .order_by("partner_id", "pk")
    )


def ours(alert: Alert) -> bool:
    """Whether an agency of ours is the originator: what a partner sent is not ours to pass on."""
    return not Partner.objects.filter(pk=alert.owner_id).exists()


@transaction.atomic
def release_alert(*, alert: Alert, by: Actor, at: datetime) -> int:
    """Release an alert as it is now to everybody who may have it, and recall it from the others."""
    if not ours(alert):
        return 0
    told: set[str] = set()
    made: list[Made] = []
    if alert.state == AlertState.ACTIVE:
        for agreement in agreements_in_force(at).filter(categories__contains=[alert.category]):
            copy = _copy_of(alert, agreement)
            if copy is not None and agreement.partner_id not in told:
                told.add(agreement.partner_id)
                made.append((alert, agreement, "warning", alert.public_id, alert.version, copy))
    _write(made, by, at)
    live = Release.objects.filter(alert=alert, kind="warning", gone_at__isnull=True)
    for old in live.exclude(partner__in=told).select_related("partner", "agreement"):
        recall(old, by=by, at=at)
    return len(made)


def _copy_of(alert: Alert, agreement: Agreement) -> Copy | None:
    """The copy under one agreement; None where the mark or the agreement keeps it here."""
    if alert.owner_id == agreement.partner_id:
        return None
    if not marks.within(alert.mark, agreement.max_mark):
        return None
    return copies.of_alert(alert, agreement.fields)


@transaction.atomic
def release_message(*, message: Feedback | Seizure, by: Actor, at: datetime) -> int:
    """Release feedback or a seizure to whom the warning came from, and to whoever received it.

    Only our own: what a partner sent is not ours to pass on. A seizure follows its feedback, and
    goes where that went or came from.
    """
    if Partner.objects.filter(pk=message.agency_id).exists():
        return 0
    seizure = isinstance(message, Seizure)
    feedback = message.feedback if isinstance(message, Seizure) else message
    alert = feedback.alert
    received = set(
        Release.objects.filter(alert=alert, kind="warning", gone_at__isnull=True).values_list(
            "partner_id", flat=True
        )
    )
    if seizure:
        answered = Release.objects.filter(kind="feedback", subject_id=feedback.public_id)
        heard = {feedback.agency_id, *answered.values_list("partner_id", flat=True)}
    made: list[Made] = []
    told: set[str] = {message.agency_id}
    for agreement in agreements_in_force(at).filter(categories__contains=[alert.category]):
        partner = agreement.partner_id
        concerned = partner == alert.owner_id or partner in received
        if partner in told or not concerned or (seizure and partner not in heard):
            continue
        if not marks.within(message.mark, agreement.max_mark):
            continue
        told.add(partner)
        copy = (
            copies.of_seizure(message, agreement.fields, partner=partner)
            if isinstance(message, Seizure)
            else copies.of_feedback(message, agreement.fields, partner=partner)
        )
        kind = "seizure" if seizure else "feedback"
        made.append((alert, agreement, kind, message.public_id, 1, copy))
    _write(made, by, at)
    return len(made)


@transaction.atomic
def recall(release: Release, *, by: Actor, at: datetime) -> None:
    """Tell a partner that its copy of a warning must no longer be used."""
    partner = release.partner_id
    lock_partner(partner)
    gone = Release.objects.filter(
        partner=partner, alert=release.alert_id, kind="warning", gone_at__isnull=True
    )
    if not gone.update(gone_at=at):
        return
    alert = release.alert
    Release.objects.create(
        partner_id=partner,
        agreement=release.agreement,
        alert=alert,
        kind=Release.Kind.RECALL,
        subject_id=alert.public_id,
        version=release.version,
        mark=marks.Mark.CLEAR,
        payload=copies.of_recall(alert) | {"version": release.version},
        released_at=_next_instant(partner, at),
    )
    audit.record(
        "release.recalled",
        by=by,
        subject_kind="alert",
        subject_id=alert.public_id,
        data={"alert": str(alert.public_id), "partner": partner},
    )
    after_commit(PUSH)


def release_missing(*, by: Actor, at: datetime) -> int:
    """Release what agreements signed since then cover too: so many at once. How many."""
    done = 0
    for agreement in agreements_in_force(at):
        done += _release_missing(agreement, by, at)
    return done


@transaction.atomic
def _release_missing(agreement: Agreement, by: Actor, at: datetime) -> int:
    theirs = Release.objects.filter(partner=agreement.partner_id, alert=OuterRef("pk"))
    # What was recalled under this agreement stays recalled.
    told = theirs.filter(kind="warning", gone_at__isnull=True) | theirs.filter(
        kind="recall", released_at__gte=agreement.signed_at
    )
    partners = Partner.objects.filter(pk=OuterRef("owner_id"))
    releasable = [m for m in marks.RELEASABLE if marks.within(m, agreement.max_mark)]
    alerts = Alert.objects.filter(
        state=AlertState.ACTIVE, category__in=agreement.categories, mark__in=releasable
    )
    alerts = alerts.filter(~Exists(told), ~Exists(partners), pk__gt=agreement.looked_at)
    some = list(alerts.order_by("pk").prefetch_related("criteria")[:AT_ONCE])
    made: list[Made] = [
        (alert, agreement, "warning", alert.public_id, alert.version, copy)
        for alert in some
        if (copy := _copy_of(alert, agreement)) is not None
    ]
    _write(made, by, at)
    if some:
        Agreement.objects.filter(pk=agreement.pk).update(looked_at=some[-1].pk)
    return len(made)


def _write(made: Iterable[Made], by: Actor, at: datetime) -> None:
    made = list(made)
    for partner in sorted({agreement.partner_id for _a, agreement, *_rest in made}):
        lock_partner(partner)
        released_at = _next_instant(partner, at)
        mine = [m for m in made if m[1].partner_id == partner]
        Release.objects.filter(
            partner=partner, subject_id__in=[m[3] for m in mine], gone_at__isnull=True
        ).update(gone_at=at)
        rows = Release.objects.bulk_create(
            Release(
                partner_id=partner,
                agreement=agreement,
                alert=alert,
                kind=kind,
                subject_id=subject,
                version=version,
                mark=copy.payload["mark"],
                payload=copy.payload,
                withheld=sorted(copy.withheld),
                released_at=released_at,
            )
            for alert, agreement, kind, subject, version, copy in mine
        )
        audit.record_many(
            "release.made",
            by=by,
            subject_kind="release",
            subjects={
                row.seq: {
                    "alert": str(row.alert.public_id),
                    "kind": row.kind,
                    "partner": partner,
                    "mark": row.mark,
                    "agreement": row.agreement_id,
                    "withheld": row.withheld,
                }
                for row in rows
            },
        )
        after_commit(PUSH)


def _next_instant(partner: str, at: datetime) -> datetime:
    """`at`, or just after the partner's last release: whoever waited for the lock began earlier,
    and a reader who goes by the time (TAXII's `added_after`) would miss what it made."""
    last = Release.objects.filter(partner=partner).order_by("-seq")
    newest = last.values_list("released_at", flat=True).first()
    return at if newest is None or newest < at else newest + timedelta(milliseconds=1)


def lock_partner(partner: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, partner])
