"""Uploaded files on the disk: under MEDIA_ROOT by their hash, which no address serves by itself."""

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.http import FileResponse


def stored_at(folder: str, sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / folder / sha256[:2] / sha256


def store(folder: str, content: bytes) -> str:
    """Write what was cleaned, whole or not at all, and give its SHA-256.

    Within the transaction that writes the row which names it: nobody removes the file before that.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    target = stored_at(folder, sha256)
    _hold(target)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        draft.write_bytes(content)
        draft.chmod(0o600)
        draft.replace(target)
    return sha256


def remove_unless(folder: str, sha256: str, *, still_named: Callable[[], bool]) -> None:
    """After the commit, and only where no other row names the file by then."""
    path = stored_at(folder, sha256)

    def remove() -> None:
        with transaction.atomic():
            _hold(path)
            if not still_named():
                path.unlink(missing_ok=True)

    transaction.on_commit(remove)


def _hold(path: Path) -> None:
    """Until the transaction ends: another row may be about to name the same content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(path)])


def as_download(path: Path, *, name: str, media_type: str) -> FileResponse:
    """Always as a download: nothing that was uploaded is ever shown as a page of ours."""
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type=media_type
    )
    response["Cache-Control"] = "no-store"
    return response
