"""The checks. The docstring of each is what it looks at; its label is for people."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from lanes.models import Alarm, ArchivedArrival, Assignment
from trustedtruck.carriers.models import (
    Application,
    Carrier,
    Document,
    Driver,
    Insurance,
    Measure,
    Profile,
    Truck,
)
from trustedtruck.enrolment.vetting.result import Check, Outcome, Result
from trustedtruck.identifiers import caat, fast_card, plate, rfc, scac, tax_id, usdot, vin

# Liability that 49 CFR 387.9 asks of a for-hire carrier of general goods, in dollars.
LEAST_LIABILITY_USD = 750_000


def identifiers(application: Application, today: date) -> Result:
    """The company's numbers keep the rules of those who give them out; so do VINs and plates."""
    result, carrier = Result(), application.carrier
    for check, value in (
        (scac.check, carrier.scac),
        (usdot.check, carrier.usdot),
        (rfc.check, carrier.rfc),
        (caat.check, carrier.caat),
    ):
        if value:
            result.take(check(value))
    profile = Profile.objects.filter(carrier=carrier).first()
    if profile is None:
        result.add(Outcome.FAIL, gettext_noop("There is no company profile."))
    elif profile.tax_id != carrier.rfc:
        result.take(tax_id.check(profile.tax_id, profile.tax_country))
    if carrier.kind == Carrier.Kind.US_HIGHWAY and not carrier.usdot:
        result.add(Outcome.WARN, gettext_noop("A US highway carrier without a USDOT number."))
    if carrier.kind == Carrier.Kind.MX_LONG_HAUL and not carrier.caat:
        result.add(Outcome.WARN, gettext_noop("A Mexican long-haul carrier without a CAAT."))
    for truck in _living(Truck, carrier).iterator():
        result.take(vin.check(truck.vin))
        result.take(plate.check(truck.plate_number))
    return result


def duplicates(application: Application, today: date) -> Result:
    """Nothing of this fleet was, or is, in another carrier's: VIN, plate, tag, driver."""
    result, carrier = Result(), application.carrier
    for model, fields, text in (
        (Truck, ["vin"], gettext_noop("VIN %(value)s was or is in the fleet of %(other)s.")),
        (
            Truck,
            ["plate_jurisdiction", "plate_number"],
            gettext_noop("Plate %(value)s was or is in the fleet of %(other)s."),
        ),
        (Truck, ["tag_epc"], gettext_noop("Tag %(value)s was or is in the fleet of %(other)s.")),
        (
            Driver,
            ["fast_card"],
            gettext_noop("FAST card %(value)s was or is held at %(other)s."),
        ),
    ):
        for value, other in _elsewhere(model, fields, carrier):
            result.add(Outcome.WARN, text, value=value, other=other)
    return result


def _elsewhere(model: type[Any], fields: list[str], carrier: Carrier) -> Iterator[tuple[str, str]]:
    mine = _living(model, carrier).exclude(**{f"{fields[-1]}__isnull": True})
    values = set(mine.values_list(*fields))
    others = (
        model._default_manager.exclude(carrier=carrier)
        .filter(**{f"{fields[-1]}__in": [value[-1] for value in values]})
        .values_list("carrier__scac", *fields)
    )
    for other, *found in others:
        if tuple(found) in values:
            yield " ".join(map(str, found)), other


def fleet(application: Application, today: date) -> Result:
    """There is something to certify: at least one truck and one driver, each driver of age."""
    result, carrier = Result(), application.carrier
    if not _living(Truck, carrier).exists():
        result.add(Outcome.WARN, gettext_noop("The fleet holds no truck."))
    if not _living(Driver, carrier).exists():
        result.add(Outcome.WARN, gettext_noop("There is no driver."))
    for driver in _living(Driver, carrier).iterator():
        if _years(driver.birth_date, today) >= 18:
            continue
        result.add(Outcome.FAIL, gettext_noop("%(driver)s is younger than 18."), driver=driver)
    return result


def _years(birth_date: date, today: date) -> int:
    """Completed years; who was born on a 29 February completes them on 1 March."""
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (not had_birthday)


def documents(application: Application, today: date) -> Result:
    """Registrations, licences and FAST cards have not ended; insurance covers what the law asks."""
    result, carrier = Result(), application.carrier
    for document in Document.objects.in_use().filter(carrier=carrier, expires_date__lte=today):
        result.add(
            Outcome.FAIL,
            gettext_noop("Document %(number)s ended on %(date)s."),
            number=document.number,
            date=document.expires_date,
        )
    for driver in _living(Driver, carrier).filter(fast_card_expires_date__lte=today):
        result.add(
            Outcome.WARN,
            gettext_noop("The FAST card of %(driver)s ended on %(date)s."),
            driver=driver,
            date=driver.fast_card_expires_date,
        )
    for driver in _living(Driver, carrier).exclude(fast_card__isnull=True).iterator():
        result.take(fast_card.check(driver.fast_card or ""))
    valid = Insurance.objects.filter(
        carrier=carrier, starts_date__lte=today, expires_date__gt=today
    )
    if not valid.exists():
        result.add(Outcome.FAIL, gettext_noop("No insurance is in force today."))
    elif not valid.filter(liability_usd__gte=LEAST_LIABILITY_USD).exists():
        result.add(
            Outcome.WARN,
            gettext_noop("The insurance covers less than %(least)s US dollars."),
            least=f"{LEAST_LIABILITY_USD:,}",
        )
    return result


def alerts(application: Application, today: date) -> Result:
    """No alarm at a port names a truck of this carrier: clones, and fast lanes without decision."""
    result = Result()
    found = Alarm.objects.filter(
        Q(arrival__assignment__carrier=application.carrier)
        | Q(
            arrival__tag_epc__in=_living(Truck, application.carrier)
            .exclude(tag_epc__isnull=True)
            .values("tag_epc")
        )
    ).distinct()
    for alarm in found.select_related("port")[:50]:
        outcome = Outcome.WARN if alarm.closed_at else Outcome.FAIL
        result.add(
            outcome,
            gettext_noop("Alarm “%(kind)s” at %(port)s on %(date)s."),
            kind=alarm.get_kind_display(),
            port=alarm.port.name,
            date=alarm.at.date(),
        )
    return result


def history(application: Application, today: date) -> Result:
    """What the programme knows already: earlier rejections, sanctions, and crossings."""
    result, carrier = Result(), application.carrier
    earlier = Application.objects.filter(carrier=carrier, state="rejected")
    for other in earlier.exclude(pk=application.pk):
        result.add(
            Outcome.WARN,
            gettext_noop("An application was rejected on %(date)s."),
            date=other.decided_at.date() if other.decided_at else "",
        )
    for measure in Measure.objects.filter(carrier=carrier):
        result.add(
            Outcome.WARN,
            gettext_noop("Sanction “%(grade)s” of %(date)s."),
            grade=measure.get_grade_display(),
            date=measure.imposed_at.date(),
        )
    counted = [
        model.objects.filter(carrier_id=carrier.pk).aggregate(
            total=Count("pk"), sent=Count("pk", filter=~Q(route="fast"))
        )
        for model in (Assignment, ArchivedArrival)
    ]
    crossings = {name: sum(counts[name] for counts in counted) for name in ("total", "sent")}
    if crossings["total"] and crossings["sent"] * 2 > crossings["total"]:
        result.add(
            Outcome.WARN,
            gettext_noop("%(sent)s of %(total)s crossings went to inspection."),
            **crossings,
        )
    addresses = Profile.objects.filter(carrier=carrier).values("contact_email")
    removed = Profile.objects.filter(contact_email__in=addresses, carrier__state="removed")
    for profile in removed.exclude(carrier=carrier).select_related("carrier"):
        result.add(
            Outcome.FAIL,
            gettext_noop("The contact is that of %(other)s, which was removed."),
            other=profile.carrier.scac,
        )
    return result


def _living(model: type[Any], carrier: Carrier) -> Any:
    return model._default_manager.filter(carrier=carrier, retired_at__isnull=True)


CHECKS: dict[str, tuple[Check, str | Promise]] = {
    "identifiers": (identifiers, _("Identifiers")),
    "duplicates": (duplicates, _("Duplicates in other fleets")),
    "fleet": (fleet, _("Fleet and drivers")),
    "documents": (documents, _("Documents and insurance")),
    "alerts": (alerts, _("Alarms at the ports")),
    "history": (history, _("History in the programme")),
}
