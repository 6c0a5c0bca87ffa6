#!/usr/bin/env python3
"""Django's command line for TrustedTruck."""

import logging
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustedtruck.settings")
    try:
        if sys.argv[1:2] == ["run"]:
            # It starts the processes that read the apps, and needs none of them itself.
            from trustedtruck.core.management.commands.run import Command

            Command().run_from_argv(sys.argv)
            return
        execute()
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "trustedtruck", "lanes", "tests"):
            raise
        sys.exit(
            f"A package is missing: nothing here provides “{name}”."
            f" Run `{sys.executable} -m pip install -r requirements.txt`."
        )


def execute() -> None:
    """Any other command; where it cannot go on as it was started, it ends with words."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    if "TRUSTEDTRUCK_PROCESS" not in os.environ:
        # Each attempt to connect belongs into a server's log; a person reads those words.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    try:
        execute_from_command_line(sys.argv)
    except Error as error:
        from trustedtruck.core.absent_database import reason_to_end

        if not (reason := reason_to_end(error)):
            raise
        sys.exit(reason)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))


if __name__ == "__main__":
    main()
