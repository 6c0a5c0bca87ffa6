"""Status indices: unique, in random order, handed out without a lock.

A sequence counts positions; a position's list is its quotient by the list size, its index a
pseudo-random permutation (Feistel network) of the remainder under the list's key. So neither two
issuers nor a rolled-back transaction can ever hand out one index twice.
"""

import hashlib
import secrets

from django.db import connection

from trustedtruck.credentials.models import STATUS_LIST_SIZE, StatusList

_ROUNDS = 4
_HALF = 9  # bits: two halves make 18, the least even number of bits that holds an index
_MASK = (1 << _HALF) - 1


def permute(position: int, key: bytes) -> int:
    """A bijection of 0..STATUS_LIST_SIZE-1 onto itself."""
    value = position
    while True:
        left, right = value >> _HALF, value & _MASK
        for number in range(_ROUNDS):
            mixed = hashlib.blake2b(
                bytes([number]) + right.to_bytes(2, "big"), key=key, digest_size=2
            ).digest()
            left, right = right, left ^ (int.from_bytes(mixed, "big") & _MASK)
        value = left << _HALF | right
        if value < STATUS_LIST_SIZE:  # cycle walking
            return value


def take(count: int) -> list[tuple[int, int]]:
    """(list number, index) for each of `count` new credentials."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('credentials_status_position') FROM generate_series(1, %s)", [count]
        )
        positions = [row[0] for row in cursor.fetchall()]
    numbers = {position // STATUS_LIST_SIZE for position in positions}
    StatusList.objects.bulk_create(
        [StatusList(number=n, shuffle_key=secrets.token_bytes(16)) for n in numbers],
        ignore_conflicts=True,
    )
    keys = {
        row.number: bytes(row.shuffle_key) for row in StatusList.objects.filter(number__in=numbers)
    }
    return [
        (
            (number := position // STATUS_LIST_SIZE),
            permute(position % STATUS_LIST_SIZE, keys[number]),
        )
        for position in positions
    ]
