"""What runs in one installation: the environment and the commands of the product's processes."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import EmbeddedError
from .home import Home
from .ports import is_free
from .secrets import Secrets

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Options:
    """What the operator chose."""

    bind: str
    port: int
    base_url: str
    demo: bool
    traffic: bool
    edge: bool
    web_threads: int
    min_free_mb: int
    wal_archive: Path | None
    # Not chosen: Django's apps, whose migrations the database must have.
    apps: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where gunicorn listens."""
        return f"[{self.bind}]:{self.port}" if ":" in self.bind else f"{self.bind}:{self.port}"

    @property
    def host_header(self) -> str:
        """The host name under which the product answers."""
        return urlsplit(self.base_url).netloc


def options_from(
    env: Mapping[str, str],
    *,
    demo: bool,
    traffic: bool,
    web_threads: int,
    apps: tuple[str, ...] = (),
) -> Options:
    """Reads PORT, BIND, BASE_URL, TRUSTEDTRUCK_MIN_FREE_MB and WAL_ARCHIVE.

    EmbeddedError names a wrong one.
    """
    port = _number(env, "PORT", 8000, most=65535)
    # A directory into which the embedded PostgreSQL copies its log, to restore any instant.
    wal = env.get("WAL_ARCHIVE")
    return Options(
        # The address that the web server of `manage.py run` listens on.
        bind=env.get("BIND") or "127.0.0.1",
        port=port,
        base_url=(env.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        demo=demo,
        traffic=demo and traffic,
        edge=bool(env.get("EDGE_HEADQUARTERS")),
        web_threads=web_threads,
        min_free_mb=min_free_mb(env),
        wal_archive=Path(wal).expanduser().resolve() if wal else None,
        apps=apps,
    )


def min_free_mb(env: Mapping[str, str]) -> int:
    # Megabytes that must be free on the disk before `manage.py run` or `restore` starts.
    return _number(env, "TRUSTEDTRUCK_MIN_FREE_MB", 300, most=10**9)


def _number(env: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise EmbeddedError(f"{name} must be a number from 1 to {most}, not {text!r}.")
    return int(text)


def check_port(options: Options) -> None:
    """EmbeddedError when the web server could not listen."""
    try:
        free = is_free(options.port, options.bind)
    except OSError as error:
        raise EmbeddedError(
            f"Cannot listen on {options.address} ({error.strerror or error})."
            " Choose another address with BIND, another port with PORT: `PORT=8080 make run`."
        ) from error
    if not free:
        raise EmbeddedError(
            f"Port {options.port} is taken by another program."
            f" Choose another one: `PORT={options.port + 1} make run`"
            " (a second copy also needs its own TRUSTEDTRUCK_HOME)."
        )


def product_environment(
    given: Mapping[str, str], home: Home, secrets: Secrets, options: Options
) -> dict[str, str]:
    """What the product's processes get; what the operator set stays as it is."""
    defaults = {
        "SECRET_KEY": secrets.secret_key,
        "KEYSTORE_DIR": str(home.keys),
        "KEYSTORE_PASSPHRASE": secrets.keystore_passphrase,
        "FIELD_ENCRYPTION_KEYS": secrets.field_encryption_key,
        "MEDIA_ROOT": str(home.media),
    }
    fixed = {
        "PORT": str(options.port),
        "BASE_URL": options.base_url,
        "TRUSTEDTRUCK_HOME": str(home.root),
        "PROMETHEUS_MULTIPROC_DIR": str(home.metrics),
        "PYTHONUNBUFFERED": "1",
    }
    environment = defaults | {k: v for k, v in given.items() if v or k not in defaults} | fixed
    environment.pop("DEMO", None)
    # Images of containers set it to stay small. Nine processes would compile it all at each start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if options.demo:
        environment["DEMO"] = "1"
    return environment


def manage(*arguments: str) -> list[str]:
    """A management command as a process of its own."""
    return [sys.executable, str(PROJECT / "manage.py"), *arguments]


def commands(home: Home, options: Options) -> dict[str, list[str]]:
    """The long-running processes by name, in the order of their start."""
    # Django's checks would read every page and its libraries into each of them.
    celery = [sys.executable, "-m", "celery", "--skip-checks", "-A", "trustedtruck"]
    found = {
        "web": [
            *(sys.executable, "-m", "gunicorn", "trustedtruck.wsgi:application"),
            *("--config", "python:trustedtruck.core.embedded.gunicorn_hooks"),
            *("--bind", options.address, "--workers", "2", "--worker-class", "gthread"),
            *("--threads", str(options.web_threads), "--graceful-timeout", "3"),
            # Read once, then forked: half of the time of a start, and half of the memory.
            *("--no-control-socket", "--preload"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "prefork", "--concurrency", "2"),
            *("--queues", "lanes", "--loglevel", "INFO", "--hostname", "lanes@%h"),
            *("--without-gossip", "--without-mingle"),
        ],
        # Apart, so that an import of ten thousand rows never stands before a truck.
        "jobs": [
            *(*celery, "worker", "--pool", "prefork", "--concurrency", "1"),
            *("--queues", "programme", "--loglevel", "INFO", "--hostname", "jobs@%h"),
            *("--without-gossip", "--without-mingle"),
        ],
        # Apart as well: a simulation takes a core for a minute, and no letter waits for it.
        "planning": [
            *(*celery, "worker", "--pool", "prefork", "--concurrency", "1"),
            *("--queues", "planning", "--loglevel", "INFO", "--hostname", "planning@%h"),
            *("--without-gossip", "--without-mingle"),
        ],
        "beat": [
            *(*celery, "beat", "--loglevel", "INFO", "--pidfile", ""),
            *("--schedule", str(home.beat / "schedule")),
        ],
        "sweep": manage("sweep"),
        "seal": manage("seal"),
    }
    if options.edge:
        found["edge"] = manage("edge", "run")
    if options.traffic:
        found["traffic"] = manage("traffic")
    return found
