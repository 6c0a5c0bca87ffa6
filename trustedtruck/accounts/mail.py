"""Mail goes out from a worker, after the transaction that caused it has been committed."""

from collections.abc import Sequence

from trustedtruck.core.work import after_commit


def send(*, to: Sequence[str], subject: str, body: str) -> None:
    """Hand one message to a worker once the present transaction is committed."""
    after_commit("trustedtruck.accounts.tasks.send_mail", to=list(to), subject=subject, body=body)
