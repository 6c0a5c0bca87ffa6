"""What every page may know of the accounts' settings."""

from django.conf import settings
from django.http import HttpRequest


def demonstration(request: HttpRequest) -> dict[str, bool]:
    return {"DEMO": settings.DEMO, "DEMO_WITHOUT_MFA": settings.DEMO_WITHOUT_MFA}
