"""PostgreSQL, which holds everything that is true."""

from trustedtruck.settings.installation import env

# The PostgreSQL, as `postgres://user:password@host:port/name`. The default names no server: a
# command without one says so instead of guessing.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://127.0.0.1:1/trustedtruck")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "ATOMIC_REQUESTS": False,
    "OPTIONS": {
        # A frozen or slow database must end in an error the gate understands as "inspect".
        "options": "-c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"
        " -c statement_timeout=30s",
        "connect_timeout": 2,
        # For `core.prepared` alone: Django's own cursors prepare nothing.
        "prepare_threshold": 5,
        # The name of this process in the database's and our own lists.
        "application_name": env("TRUSTEDTRUCK_PROCESS", default="manage"),
        "pool": {
            "min_size": 1,
            # The most connections of one process.
            "max_size": env.int("DATABASE_POOL", default=12),
            "timeout": 1.0,
            "max_lifetime": 1800,
        },
    },
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
    }
}
