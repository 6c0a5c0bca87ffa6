"""At headquarters: the bundle of a port, as its tables are at this instant."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from lanes.edge import format as format_
from lanes.edge import parts
from lanes.models import PortBundle
from trustedtruck.audit.actors import system
from trustedtruck.credentials.keyset import did_web
from trustedtruck.credentials.models import Purpose
from trustedtruck.credentials.services.keys import ensure_key, signer_of


def port_bundle(*, port_code: str, have: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """The manifest of now, and the texts of the parts that differ from those it `have`s.

    The sequence number grows with each change; without one the same is signed anew, for the time
    to come.
    """
    key = ensure_key(Purpose.BUNDLE, by=system("edge"), at=at)
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            # All parts from one instant; one maker at a time, or the numbers would say nothing.
            # The table is locked before the instant is fixed by the first question.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("LOCK TABLE lanes_portbundle IN SHARE ROW EXCLUSIVE MODE")
        texts = dict(parts.texts_for(port_code))
        digests = {name: parts.digest(text) for name, text in texts.items()}
        content = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
        last = PortBundle.objects.filter(port_code=port_code).order_by("-seq").first()
        if last is None or last.content != content:
            last = PortBundle.objects.create(port_code=port_code, content=content, made_at=at)
            PortBundle.objects.filter(port_code=port_code, seq__lt=last.seq).delete()
    manifest = format_.sign(
        digests,
        port_code=port_code,
        seq=last.seq,
        at=at,
        issuer=did_web(settings.BASE_URL),
        kid=key.kid,
        signer=signer_of(key),
    )
    lacking = {name: text for name, text in texts.items() if have.get(name) != digests[name]}
    return {"manifest": manifest, "parts": lacking}
