"""Django's admin is for looking only: of every table, every way to write is refused."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests.console.conftest import Staff
from trustedtruck.audit.models import Event
from trustedtruck.console.admin import ABOUT_PEOPLE
from trustedtruck.console.admin_site import HIDDEN
from trustedtruck.core.sealed import Sealed, SealedToken

TABLES = sorted(admin.site._registry, key=lambda model: model._meta.label)


def _ours() -> list[type[Model]]:
    return [
        model
        for config in apps.get_app_configs()
        if str(config.path).startswith(str(settings.BASE_DIR))
        and "site-packages" not in str(config.path)
        for model in config.get_models()
    ]


def test_every_table_is_shown_or_named_as_being_about_people() -> None:
    shown = {model._meta.label_lower for model in TABLES}
    for model in _ours():
        assert (model._meta.label_lower in shown) != (model._meta.label_lower in ABOUT_PEOPLE)
    assert shown <= {model._meta.label_lower for model in _ours()}


def _address(model: type[Model], page: str, *args: object) -> str:
    return reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=list(args)
    )


def _refused(client: Client, address: str, body: dict[str, Any] | None = None) -> None:
    answer = client.get(address) if body is None else client.post(address, body)
    assert answer.status_code == 403, (address, answer.status_code)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["adrian", "aurelia"])
def test_nobody_writes_through_the_admin(staff: Staff, name: str) -> None:
    """Add, change, delete, the list's actions and its editing: each asked of every table."""
    staff.truck(radiation_alarm=True)
    client = staff.browser(name)
    before = {model: model._default_manager.count() for model in TABLES if model is not Event}
    assert len(TABLES) > 20
    with_rows = 0
    for model in TABLES:
        listed = _address(model, "changelist")
        assert client.get(listed).status_code == 200, listed
        _refused(client, _address(model, "add"))
        _refused(client, _address(model, "add"), {"x": "1"})
        acted = client.post(
            listed, {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
        )
        assert acted.status_code in (200, 302, 403), listed
        saved = client.post(listed, {"form-TOTAL_FORMS": "1", "_save": "Save"})
        assert saved.status_code in (200, 302, 403), listed
        row = model._default_manager.first()
        if row is None:
            continue
        with_rows += 1
        page = _address(model, "change", row.pk)
        shown = client.get(page)
        assert shown.status_code == 200, page
        assert 'name="_save"' not in shown.content.decode(), page
        _refused(client, page, {"_save": "Save", "name": "changed"})
        _refused(client, _address(model, "delete", row.pk))
        _refused(client, _address(model, "delete", row.pk), {"post": "yes"})
        assert client.get(_address(model, "history", row.pk)).status_code == 200, page
        assert model._default_manager.filter(pk=row.pk).exists()
    assert with_rows > 8
    for model, count in before.items():
        assert model._default_manager.count() >= count, model


def test_no_secret_is_shown(staff: Staff) -> None:
    for model in TABLES:
        shown = set(admin.site._registry[model].get_exclude(None, None) or ())  # type: ignore[arg-type]
        for field in model._meta.get_fields():
            if field.name in HIDDEN or isinstance(field, Sealed | SealedToken):
                assert field.name in shown, (model, field.name)


@pytest.mark.parametrize("name", ["petra", "gus", "simon", "ines"])
def test_who_is_no_administrator_sees_no_table(staff: Staff, name: str) -> None:
    client = staff.browser(name)
    for model in TABLES:
        assert client.get(_address(model, "changelist")).status_code == 302
