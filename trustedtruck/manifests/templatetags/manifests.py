"""How pages write the codes of a manifest."""

from django import template

from trustedtruck.manifests.words import WORDS

register = template.Library()


@register.filter
def in_words(code: str) -> str:
    """A code in the reader's language; one that has no words stays as it is."""
    return str(WORDS.get(code, code))
