"""Which names may be the same."""

import pytest

from trustedtruck.alerts import closeness

SAME = [
    ("Muñoz Peña, José", "JOSE MUNOZ PENA"),
    ("Frutas del Río, S.A. de C.V.", "Frutas del Rio SA DE CV"),
]
CLOSE = [
    ("José Muñoz", "J. Munoz"),
    ("Юрий Гагарин", "Yuri Gagarin"),
    ("Juan García Pérez", "Juan Garcia"),
    ("Gonzalez Maria", "María Gonzales"),
    ("Mohammed Hassan", "Muhammad Hasan"),
    ("Transportes Valdez", "Transportes Baldes S.A. de C.V."),
    ("Katharina Schmidt", "Catarina Schmitt"),
]
APART = [
    ("Juan García", "Pedro García"),
    ("Juan García", "Juan Martínez"),
    ("García", "Juan García"),
    ("J. G.", "Juan García"),
    ("Transportes Norte", "Transportes Sur"),
    ("Rosa Prueba", "Luis Prueba"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_accents_order_and_legal_forms_make_no_difference(one: str, other: str) -> None:
    assert closeness.same(one, other)


@pytest.mark.parametrize(("one", "other"), CLOSE)
def test_close_names_are_found_and_compared(one: str, other: str) -> None:
    assert closeness.close(one, other)
    assert closeness.close(other, one)
    assert closeness.blocks(one) & closeness.asks(other)
    assert closeness.blocks(other) & closeness.asks(one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_names_are_not_close(one: str, other: str) -> None:
    assert not closeness.close(one, other)
