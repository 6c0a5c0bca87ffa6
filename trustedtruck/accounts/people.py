"""Who an actor of a record was, as people are called."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from trustedtruck.accounts.models import User


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The names of those who are persons, by the text of the actor; a system has none."""
    keys = {actor.removeprefix("user:") for actor in actors if actor.startswith("user:")}
    people = User.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(user.actor): user.get_full_name() or user.username for user in people}


def name_of(actor: str, people: Mapping[str, str]) -> str:
    """What an actor is called where a page names who did it; `people` are from `names_of`."""
    return people.get(actor) or (_("the system") if actor.startswith("system:") else actor)
