"""Reading the lane bundle: the newest, complete or since a sequence number."""

from trustedtruck.credentials.formats import bundle as format_
from trustedtruck.credentials.models import Bundle, BundleShard


def newest_seq() -> int | None:
    return Bundle.objects.order_by("-seq").values_list("seq", flat=True).first()


def document(since: int | None) -> tuple[int, bytes] | None:
    """Sequence and document; complete where `since` is None or from a later history. None before
    the first was built."""
    last = Bundle.objects.order_by("-seq").first()
    if last is None:
        return None
    shards = BundleShard.objects.all()
    if since is not None and since > last.seq:
        since = None
    if since is not None:
        shards = shards.filter(seq__gt=since)
    bodies = dict(shards.values_list("number", "body"))
    return last.seq, format_.document(last.manifest, bodies, since=since)
