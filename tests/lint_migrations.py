"""Would the release before still work on the schema of this one? `python -m tests.lint_migrations`.

A release runs beside the one before it on one database while it is put in
(docs/howto/deploy.md). So a migration only expands: it adds what may be empty or has a default of
the database's. What contracts (a column dropped, renamed, made NOT NULL) comes one release after
the code that used it, and is named here with the reason why nothing needs it any more.
"""

import sys

# Starts PostgreSQL, and names it in the environment, before Django reads its settings.
import tests.servers  # noqa: F401 isort: skip
import django
from django_migration_linter import MigrationLinter

# Written before the first release: no other release ever ran on their schema.
BEFORE_THE_FIRST_RELEASE: frozenset[str] = frozenset()
# "app.0007_name": why no release that may still run needs what it takes away.
CONTRACTS: dict[str, str] = {}


def lint() -> bool:
    """Print every migration that the release before could not live with; whether there is none."""
    django.setup()
    from django.apps import apps
    from django.conf import settings

    ours = [
        config.label
        for config in apps.get_app_configs()
        if config.path.startswith(str(settings.BASE_DIR)) and ".venv" not in config.path
    ]
    linter = MigrationLinter(
        include_apps=ours, quiet=["ok", "ignore", "warning"], ignore_initial_migrations=True
    )
    for migration in linter._gather_all_migrations():
        name = f"{migration.app_label}.{migration.name}"
        if migration.app_label in ours and name not in BEFORE_THE_FIRST_RELEASE | CONTRACTS.keys():
            linter.lint_migration(migration)
    print(f"{linter.nb_total} migrations judged, {linter.nb_erroneous} would break a release")
    return not linter.has_errors


if __name__ == "__main__":
    sys.exit(0 if lint() else 1)
