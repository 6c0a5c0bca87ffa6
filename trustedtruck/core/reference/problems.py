"""Every problem code of the API and the pages, with its status and its sentence."""

from trustedtruck.core.problem_codes import problem_codes
from trustedtruck.core.reference.tables import page, spanish, table


def written() -> str:
    rows = [
        (f"`{code.code}`", code.status, code.text, spanish(code.text)) for code in problem_codes()
    ]
    return page(
        "Problem codes",
        "The `code` of an `application/problem+json` (RFC 9457), which stays; the sentence may be"
        " put better. The running system explains each at `/api/docs/problems/`.",
        table(("code", "status", "sentence", "in Spanish"), rows),
    )
