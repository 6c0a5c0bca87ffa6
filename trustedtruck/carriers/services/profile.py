"""The company profile: addresses, tax number, contacts."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import (
    Carrier,
    Profile,
)
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.services.stale import Stale
from trustedtruck.identifiers import tax_id

PROFILE_FIELDS = (
    "street",
    "city",
    "region",
    "postal_code",
    "address_country",
    "phone",
    "contact_name",
    "contact_email",
    "contact_phone",
    "emergency_phone",
)


@transaction.atomic
def save_profile(
    *, carrier: Carrier, values: Mapping[str, str], version: int, by: Actor, at: datetime
) -> Profile:
    """Save the company profile whole. `version` is what the form was drawn from; 0 for none yet.

    Raises `Invalid` with every wrong field, `Stale` when the profile changed in the meantime.
    """
    entries = Entries()
    found = {name: entries.need(name, values.get(name, "")) for name in PROFILE_FIELDS}
    country = entries.need("tax_country", values.get("tax_country", ""))
    number = entries.take(
        "tax_id", values.get("tax_id", ""), lambda text: tax_id.check(text, country)
    )
    entries.done()
    profile = Profile.objects.select_for_update().filter(carrier=carrier).first()
    if (profile.version if profile else 0) != version:
        raise Stale
    profile = profile or Profile(carrier=carrier, version=0)
    for name, value in found.items():
        setattr(profile, name, value)
    profile.trade_name = values.get("trade_name", "").strip()
    profile.tax_country, profile.tax_id = country, number
    profile.version += 1
    profile.changed_by, profile.changed_at = str(by), at
    insert(profile.save)
    audit.record(
        "carrier.profile_saved",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"version": profile.version},
    )
    return profile
