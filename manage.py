#!/usr/bin/env python3
"""Django's command line for TrustedTruck."""

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
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "trustedtruck", "lanes", "tests"):
            raise
        sys.exit(
            f"A package is missing: nothing here provides “{name}”."
            f" Run `{sys.executable} -m pip install -r requirements.txt`."
        )


if __name__ == "__main__":
    main()
