"""Statements whose text never changes take a list as one value, whatever is in it."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from trustedtruck.core.prepared import prepared_rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", []),
        ("text", [""]),
        ("text", ["NULL", "null", "{}", "{a,b}", "a,b", '"', '""', "\\", '\\"', " a ", "\n\t"]),
        ("text", ["'; DROP TABLE x; --", "ñ, Юрий, 卡车", "%s"]),
        ("varchar", ["plate=TX 1", "hs=8708"]),
        ("bigint", [1, -2, 2**62]),
        ("uuid", [uuid.uuid4(), uuid.uuid4()]),
    ],
)
def test_a_list_arrives_as_it_was_given(kind: str, given: list[Any]) -> None:
    assert prepared_rows(f"SELECT %s::{kind}[]", [given]) == [(given,)]


@pytest.mark.parametrize(
    "given", [["a", 1], [None], ["a", None], [True], [timezone.now()], [["a"]]]
)
def test_a_list_of_anything_else_is_refused(given: list[Any]) -> None:
    with pytest.raises(TypeError):
        prepared_rows("SELECT %s::text[]", [given])


def test_a_nul_does_not_make_two_of_one() -> None:
    with pytest.raises(ValueError, match="NUL"):
        prepared_rows("SELECT %s::text[]", [["a", "b\0c"]])
