"""Who and when: two fields that are both set or both empty."""

from django.db.models import CheckConstraint, Q


def together(stem: str, name: str) -> CheckConstraint:
    """`<stem>_by` is empty exactly as long as `<stem>_at` is null."""
    by, at = f"{stem}_by", f"{stem}_at__isnull"
    return CheckConstraint(
        condition=(Q(**{by: ""}) & Q(**{at: True})) | (~Q(**{by: ""}) & Q(**{at: False})),
        name=name,
    )
