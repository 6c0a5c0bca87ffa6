"""What kind of installation this is, and where it keeps its files and is reached."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

import environ

from trustedtruck.core.embedded.environment import load_environment
from trustedtruck.core.logging import logging_config

# `make run` writes down the environment of the running installation, so that a command typed in a
# second terminal reaches the same database.
load_environment()


class _Environment(environ.Env):  # type: ignore[misc]
    """The process's environment; one that cannot be read ends the process with the variable's name.

    A traceback through the settings would name none.
    """

    def get_value(self, var: str, *how: Any, **further: Any) -> Any:
        try:
            return super().get_value(var, *how, **further)
        except ValueError:
            sys.exit(f"{var}={os.environ[var]!r} cannot be read: see docs/reference/settings.md.")

    def db_url(self, var: str, **further: Any) -> Any:
        try:
            return super().db_url(var, **further)
        except ValueError:  # with a password in it: not shown
            sys.exit(f"{var} is no address: write postgres://user:password@host:port/name.")


env = _Environment()

BASE_DIR = Path(__file__).resolve().parents[2]
# Where an installation keeps its files: keys, media, and what `manage.py run` needs.
HOME = Path(env("TRUSTEDTRUCK_HOME", default=str(BASE_DIR / "var"))).resolve()

# Errors with their source in the browser. Never where anybody else can reach it.
DEBUG = env.bool("DEBUG", default=False)
# A demonstration: its log-ins on the first page, its mail readable by everybody.
DEMO = env.bool("DEMO", default=False)
# Seconds between two trucks that the demonstration sends to its port by itself; 0: none.
DEMO_TRAFFIC_S = env.float("DEMO_TRAFFIC_S", default=6.0)
# The TCP port of the web server; `manage.py run` says what is wrong with it.
PORT = env("PORT", default="8000")
# Where people and machines reach the product from outside; `https://` turns secure cookies on.
BASE_URL = env("BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
# Signs sessions and tokens; the same in all processes. Random where none is given, so that nothing
# secret ever hangs on a key that is in the source.
SECRET_KEY = env("SECRET_KEY", default="")
SECRET_KEY_GIVEN = bool(SECRET_KEY)
SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(48)
# Names, separated by commas, that a request's `Host` may carry.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE = BASE_URL.startswith("https://")

LOGGING_CONFIG = None
# How much the log tells: DEBUG, INFO, WARNING or ERROR.
logging_config(json=not DEBUG, level=env("LOG_LEVEL", default="INFO"))
