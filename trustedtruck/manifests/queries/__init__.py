from trustedtruck.manifests.queries.arrivals import Asked, trips_for_arrivals
from trustedtruck.manifests.queries.certificates import required_prefixes

__all__ = ["Asked", "required_prefixes", "trips_for_arrivals"]
