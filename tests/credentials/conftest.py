"""The cast of all tests, and the keys that signed its credentials."""

from collections.abc import Iterator

import pytest

from tests.cast import Cast, make_cast
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.queries import keys as kept_keys


@pytest.fixture(autouse=True)
def _no_key_is_kept_over_a_test() -> Iterator[None]:
    kept_keys.forget()
    yield
    kept_keys.forget()


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def keys(cast: Cast) -> KeySet:
    return kept_keys.all_keys()
