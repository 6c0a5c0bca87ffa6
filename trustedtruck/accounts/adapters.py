"""Where allauth asks the product: mail through Celery, who must confirm, where to go next."""

from types import SimpleNamespace
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from trustedtruck.accounts import mail, sessions
from trustedtruck.accounts.models import User
from trustedtruck.core.days import moment
from trustedtruck.core.sealing import seal, unseal

_CONFIRM = "allauth.account.stages.EmailVerificationStage"


class ConfirmAddress(EmailVerificationStage):  # type: ignore[misc]
    """Everybody who signed up confirms the address; an officer's comes from the agency."""

    def handle(self) -> Any:
        if self.login.user is not None and self.login.user.is_officer:
            return None, True
        return super().handle()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = allauth_context.request
        site = SimpleNamespace(name="TrustedTruck", domain=settings.BASE_URL.partition("://")[2])
        around = {"request": request, "current_site": site, **context}
        if "timestamp" in around:
            # A time in a mail says which clock it is of.
            around["timestamp"] = moment(around["timestamp"])
        message = self.render_mail(template_prefix, email, around)
        mail.send(to=message.to, subject=message.subject, body=message.body)

    def format_email_subject(self, subject: str) -> str:
        return f"TrustedTruck: {subject}"

    def get_login_stages(self) -> list[str]:
        ours = f"{ConfirmAddress.__module__}.{ConfirmAddress.__name__}"
        return [ours if path == _CONFIRM else path for path in super().get_login_stages()]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        if isinstance(user, User) and user.is_officer:
            return reverse("console:home")
        return reverse("portal:home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("portal:home")

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.language = "es" if get_language() == "es" else "en"
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sessions.note_begun(user)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            sessions.note_ended(request.user, "signed_out")
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        name = credentials.get("username") or credentials.get("email") or ""
        known = Q(username__iexact=name) | Q(email__iexact=name)
        sessions.note_refused(User.objects.filter(known).first() if name else None)

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(request.META.get("REMOTE_ADDR", ""))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors are sealed with the keys of the personal fields."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return "TrustedTruck"

    def _get_site_name(self) -> str:
        return "TrustedTruck"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        host = settings.BASE_URL.partition("://")[2].partition(":")[0]
        request = allauth_context.request
        if request is not None:
            host = request.get_host().partition(":")[0]
        return {"id": host, "name": "TrustedTruck"}
