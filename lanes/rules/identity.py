"""Rules about who stands at the gate: carrier, truck, driver and their credentials."""

from lanes.rules.facts import CredentialFacts, Facts
from lanes.rules.policy import Policy
from lanes.rules.registry import rule


@rule
def truck_unknown(facts: Facts, policy: Policy) -> bool:
    """The truck is not known to the programme: its tag was not read or is not enrolled.

    The tag is the index to the truck. Without a known tag nothing else can be trusted.
    """
    return facts.truck is None


@rule
def carrier_not_certified(facts: Facts, policy: Policy) -> bool:
    """The carrier is not certified, or is under a sanction.

    Only a certified partner in good standing has the benefits of the programme (CTPAT tiers 1-3).
    """
    return facts.carrier is None or facts.carrier.state != "certified" or facts.carrier.tier is None


def _not_valid(credential: CredentialFacts | None, at: float) -> bool:
    return (
        credential is None
        or credential.state != "active"
        or not credential.valid_from <= at < credential.valid_until
    )


@rule
def truck_credential_invalid(facts: Facts, policy: Policy) -> bool:
    """The truck has no valid credential: it is missing, suspended, revoked or expired.

    Read at the database's clock, and read again by the statement that commits the decision.
    """
    return _not_valid(facts.truck_credential, facts.seen.received_at)


@rule
def truck_credential_not_shown(facts: Facts, policy: Policy) -> bool:
    """No credential of this truck was shown or could be verified.

    A tag's number is no secret: a signed credential (QR or `vc+jwt`) must come with it, and its
    signature, form and dates must hold.
    """
    return not any(
        shown.kind == "truck"
        and not shown.failures
        and facts.truck_credential is not None
        and shown.public_id == facts.truck_credential.public_id
        for shown in facts.presented
    )


@rule
def shown_credential_refused(facts: Facts, policy: Policy) -> bool:
    """A credential was shown that does not verify, or that belongs to somebody else.

    One bad paper among good ones is a contradiction, and a contradiction is never a pass.
    """
    known = {c.public_id for c in (facts.truck_credential, facts.driver_credential) if c}
    return any(shown.failures or shown.public_id not in known for shown in facts.presented)


@rule
def tag_mismatch(facts: Facts, policy: Policy) -> bool:
    """The tag that was read is not the tag that the credential is bound to.

    Tags can be cloned and moved; the credential names the one tag that it was issued for.
    """
    bound = [c.tag_epc for c in (facts.truck_credential,) if c]
    bound += [shown.tag_epc for shown in facts.presented if shown.kind == "truck"]
    return not facts.seen.tag_epc or any(tag != facts.seen.tag_epc for tag in bound)


@rule
def plate_mismatch(facts: Facts, policy: Policy) -> bool:
    """The plate that was read is missing or is not the plate of the credential.

    Bound to tag and plate together, a cloned tag on another truck is noticed.
    """
    seen = (facts.seen.plate_number, facts.seen.plate_jurisdiction)
    bound = [
        (c.plate_number, c.plate_jurisdiction)
        for c in (facts.truck_credential, *(s for s in facts.presented if s.kind == "truck"))
        if c is not None
    ]
    return not seen[0] or any(plate != seen for plate in bound)


@rule
def driver_unknown(facts: Facts, policy: Policy) -> bool:
    """The driver is not known to the programme, or showed no card.

    FAST needs the driver as well as the truck: each has a card or credential of their own.
    """
    return facts.driver is None


@rule
def driver_not_of_carrier(facts: Facts, policy: Policy) -> bool:
    """The driver does not drive for the carrier of this truck.

    A known driver in another carrier's truck is a fact that nobody vouched for.
    """
    return (
        facts.driver is not None
        and facts.carrier is not None
        and facts.driver.carrier_id != facts.carrier.id
    )


@rule
def driver_credential_invalid(facts: Facts, policy: Policy) -> bool:
    """The driver has no valid credential: it is missing, suspended, revoked or expired.

    The same conditions as for the truck's credential.
    """
    return _not_valid(facts.driver_credential, facts.seen.received_at)


@rule
def fast_card_expired(facts: Facts, policy: Policy) -> bool:
    """The driver's FAST card has expired or its end is not known.

    A FAST card ends by its own date, whatever the credential says.
    """
    return facts.driver is not None and (
        facts.driver.fast_card_expires_at is None
        or facts.driver.fast_card_expires_at <= facts.seen.received_at
    )
