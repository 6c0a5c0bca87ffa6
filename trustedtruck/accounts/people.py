"""Who an actor of a record was, as people are called."""

from collections.abc import Iterable

from trustedtruck.accounts.models import User


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The names of those who are persons, by the text of the actor; a system has none."""
    keys = {actor.removeprefix("user:") for actor in actors if actor.startswith("user:")}
    people = User.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(user.actor): user.get_full_name() or user.username for user in people}
