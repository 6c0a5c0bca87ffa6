"""Two people, or two windows, with one form."""

from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import Refused


class Stale(Refused):
    """Somebody saved in the meantime: nothing of theirs is overwritten."""

    def __init__(self) -> None:
        super().__init__(
            "stale_form",
            _(
                "Somebody else, or you in another window, saved this in the meantime. What you"
                " typed is still here: compare it with the saved version below, then save again."
            ),
        )
