"""Which rules a decision was made by: a fingerprint of their source, kept with every decision."""

import hashlib
from pathlib import Path


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


RULES_VERSION = _fingerprint()
