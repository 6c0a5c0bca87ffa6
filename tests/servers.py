"""Real PostgreSQL and Valkey for the tests, in a directory that goes away with them.

A pytest plugin, loaded by `-p tests.servers` before pytest-django reads the settings. Servers
named by DATABASE_URL and REDIS_URL are used as they are. The workers of pytest-xdist inherit the
environment of the process that started them, so only that one starts anything.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from trustedtruck.core.embedded.home import Home, Lock
from trustedtruck.core.embedded.ports import start_on_free_port
from trustedtruck.core.embedded.postgres import Postgres
from trustedtruck.core.embedded.secrets import secrets_of
from trustedtruck.core.embedded.valkey import Valkey

PREFIX = "tt-tests-"
FRESH_SECONDS = 60


def _start() -> None:
    _remove_abandoned()
    home = Home(Path(tempfile.mkdtemp(prefix=PREFIX)).resolve())
    lock = Lock(home)
    lock.acquire()
    home.furnish()
    secrets = secrets_of(home.secrets)
    servers: list[Postgres | Valkey] = []
    owner = os.getpid()

    def stop() -> None:
        # A forked child runs its parent's exit functions too.
        if os.getpid() != owner:
            return
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(home.root, ignore_errors=True)
        lock.release()

    atexit.register(stop)
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(
            home.postgres,
            log=home.log("postgres"),
            password=secrets.postgres_password,
            for_tests=True,
        )
        servers.append(postgres)
        start_on_free_port(postgres)
        os.environ["DATABASE_URL"] = postgres.url
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(
            home.valkey,
            log=home.log("valkey"),
            password=secrets.valkey_password,
            for_tests=True,
        )
        servers.append(valkey)
        start_on_free_port(valkey)
        os.environ["REDIS_URL"] = valkey.url
    # Nothing of the operator's installation may be read or written by a test.
    os.environ.update(
        SECRET_KEY=secrets.secret_key,
        KEYSTORE_DIR=str(home.keys),
        KEYSTORE_PASSPHRASE=secrets.keystore_passphrase,
        FIELD_ENCRYPTION_KEYS=secrets.field_encryption_key,
        MEDIA_ROOT=str(home.media),
        TRUSTEDTRUCK_HOME=str(home.root),
    )


def _remove_abandoned() -> None:
    """Removes the directories of test runs that were killed: old, and locked by nobody."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime < FRESH_SECONDS:
                continue
            with (path / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)


if "PYTEST_XDIST_WORKER" not in os.environ:
    _start()
