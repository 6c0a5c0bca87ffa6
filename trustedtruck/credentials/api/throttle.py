"""What is open to all is limited by address."""

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView


class PublicThrottle(AnonRateThrottle):
    """By address, for the addresses that need no key."""

    rate = "240/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        # Officers too: a session is no reason to let a script try codes without end.
        return f"throttle_public_{self.get_ident(request)}"


def limited(request: HttpRequest) -> bool:
    """For plain Django views: whether this address has asked too often."""
    return not PublicThrottle().allow_request(Request(request), APIView())
