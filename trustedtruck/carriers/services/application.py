"""What every change of an application does: lock it, and put it on record."""

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Application


def lock(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=["self"])
        .select_related("carrier")
        .get(pk=application.pk)
    )


def record(action: str, application: Application, by: Actor, **data: object) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="application",
        subject_id=application.pk,
        data={"carrier": application.carrier_id, **data},
    )
