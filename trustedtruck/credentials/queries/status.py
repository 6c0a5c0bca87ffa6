"""What the programme's own records say of a credential, and what its lists must say."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from trustedtruck.credentials.models import Credential, StatusList
from trustedtruck.credentials.states import CredentialState

_REVOKED = (CredentialState.REVOKED, CredentialState.SUPERSEDED)
_CODES = {
    CredentialState.SUSPENDED: "suspended",
    CredentialState.REVOKED: "revoked",
    CredentialState.SUPERSEDED: "superseded",
    CredentialState.EXPIRED: "expired",
}


@dataclass(frozen=True)
class ListState:
    """The indices that are set in one list pair."""

    number: int
    size: int
    revoked: tuple[int, ...]
    suspended: tuple[int, ...]


def list_state(number: int) -> ListState | None:
    """None where there is no such list."""
    row = StatusList.objects.filter(pk=number).first()
    return _state(row) if row is not None else None


def all_list_states() -> list[ListState]:
    return [_state(row) for row in StatusList.objects.order_by("pk")]


def _state(row: StatusList) -> ListState:
    found = Credential.objects.filter(
        status_list=row, state__in=[*_REVOKED, CredentialState.SUSPENDED]
    ).values_list("status_index", "state")
    revoked: list[int] = []
    suspended: list[int] = []
    for index, state in found:
        (suspended if state == CredentialState.SUSPENDED else revoked).append(index)
    return ListState(row.number, row.size, tuple(sorted(revoked)), tuple(sorted(suspended)))


def state_codes(public_id: uuid.UUID) -> list[str]:
    """Why the records speak against a genuine credential; nothing when it is active."""
    found = Credential.objects.filter(public_id=public_id).values_list("state", flat=True)
    state = found.first()
    if state is None:
        return ["not_issued"]
    code = _CODES.get(CredentialState(state))
    return [code] if code else []


def window(at: datetime, seconds: int = 300) -> datetime:
    """The beginning of the span in which a published list keeps its dates, so that an unchanged
    list keeps its ETag."""
    stamp = int(at.timestamp())
    return datetime.fromtimestamp(stamp - stamp % seconds, UTC)
