from trustedtruck.manifests.queries.arrivals import Asked, trips_for_arrivals

__all__ = ["Asked", "trips_for_arrivals"]
