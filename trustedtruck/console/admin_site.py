"""Django's admin, branded and for looking only: whatever changes, changes through a service."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission
from trustedtruck.core.sealed import Sealed, SealedToken

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[models.Model]
else:
    _ModelAdmin = admin.ModelAdmin

# What must not be read here either: hashes of secrets, sealed parts, bodies with people in them.
NOT_FOR_READING: tuple[type[Any], ...] = (models.BinaryField, Sealed, SealedToken)
HIDDEN = {"password", "secret_sha256", "sealed_part", "code_sha256", "pin_sha256", "token_sha256"}


def may_look(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and user_can(request.user, Permission.ADMIN_READ)


class ReadOnlySite(admin.AdminSite):
    """For system administrators and auditors."""

    site_header = site_title = "TrustedTruck"
    index_title = _("Tables, for looking only")
    enable_nav_sidebar = False
    site_url = "/console/"

    def has_permission(self, request: HttpRequest) -> bool:
        return may_look(request)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what is for looking: the tables that packages register could be written to."""
        if isinstance(admin_class, type) and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The product has one log-in; somebody who is signed in and may not look is told so."""
        if request.user.is_authenticated:
            return redirect("console:home")
        return redirect(f"{reverse('account_login')}?next={request.path}")


class ReadOnlyAdmin(_ModelAdmin):
    """Adds, changes and deletes nothing; has no actions."""

    actions = None
    show_full_result_count = False
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_look(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_look(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [
            field.name
            for field in self.model._meta.get_fields()
            if field.name in HIDDEN or isinstance(field, NOT_FOR_READING)
        ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        short = [
            field.name
            for field in self.model._meta.concrete_fields
            if field.name not in HIDDEN
            and not isinstance(field, (models.TextField, models.JSONField, *NOT_FOR_READING))
        ]
        return short[:7]
