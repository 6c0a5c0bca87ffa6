"""From a stored credential back to what it was made from, for another format."""

from trustedtruck.credentials.formats.claims import Draft
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.services.life import subject_of
from trustedtruck.credentials.services.subjects import properties


def draft_of(credential: Credential) -> Draft:
    """The same credential: identifier, period and status are its own, the subject as it is now."""
    subject = subject_of(credential)
    return Draft(
        public_id=credential.public_id,
        kind=credential.kind,
        subject_id=subject.public_id,
        subject=properties(subject, credential.carrier),
        issued_at=credential.issued_at,
        valid_from=credential.valid_from,
        valid_until=credential.valid_until,
        status_list=credential.status_list_id,
        status_index=credential.status_index,
        tag_epc=credential.tag_epc,
        plate_number=credential.plate_number,
        plate_jurisdiction=credential.plate_jurisdiction,
    )
