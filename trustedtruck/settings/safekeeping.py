"""Keys, what they seal, how long it is kept, and for whom it is copied."""

from pathlib import Path

from trustedtruck.settings.installation import HOME, env

# Where the encrypted private keys are.
KEYSTORE_DIR = Path(env("KEYSTORE_DIR", default=str(HOME / "keys")))
# What opens the encrypted private keys.
KEYSTORE_PASSPHRASE = env("KEYSTORE_PASSPHRASE", default="")
# Where new keys are made: `files` (encrypted), or `pkcs11` (an HSM through its library).
KEYSTORE = env("KEYSTORE", default="files")
# The HSM's PKCS#11 library.
PKCS11_MODULE = env("PKCS11_MODULE", default="")
# The label of the HSM's token.
PKCS11_TOKEN = env("PKCS11_TOKEN", default="trustedtruck")
# The PIN of the HSM's token.
PKCS11_PIN = env("PKCS11_PIN", default="")
# The keys, separated by commas, that seal what identifies a person; the first one seals, all open.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])
RETENTION_DAYS = {
    # How many days each kind of personal data is kept; `manage.py purge --kinds` lists the kinds.
    code: env.int(f"RETENTION_{code.upper()}_DAYS", default=days)
    for code, days in {
        "notices": 180,
        "alerts": 5 * 365,
        "hits": 5 * 365,
        "exchanged": 2 * 365,
        "sessions": 90,
        "drivers": 3 * 365,
        "invitations": 30,
        "imports": 30,
        "deliveries": 90,
        "credentials": 3 * 365,
        "aboard": 5 * 365,
        "filings": 5 * 365,
        "messages": 365,
        "crossings": 5 * 365,
    }.items()
}

# For whom backups are encrypted: age recipients (age1…), with commas between them.
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])
