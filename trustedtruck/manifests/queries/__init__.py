from trustedtruck.manifests.queries.arrivals import Asked, trips_for_arrivals, trips_of

__all__ = ["Asked", "trips_for_arrivals", "trips_of"]
