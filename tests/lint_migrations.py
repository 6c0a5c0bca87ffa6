"""What `make check` asks of the migrations: `python -m tests.lint_migrations`.

Is there one for every change of a model? And would the release before still work on the schema of
this one? A release runs beside the one before it on one database while it is put in
(docs/howto/deploy.md). So a migration only expands: it adds what may be empty or has a default of
the database's. What contracts (a column dropped, renamed, made NOT NULL) comes one release after
the code that used it, and is named here with the reason why nothing needs it any more.
"""

import logging
import os
import sys

# Starts PostgreSQL, and names it in the environment, before Django reads its settings.
import tests.servers  # noqa: F401 isort: skip
import django
from django.core.management import call_command
from django_migration_linter import MigrationLinter

# Written before the first release, so that no other release ever ran on their schema. The names are
# without their numbers. From the first release on this list does not grow any more.
BEFORE_THE_FIRST_RELEASE = frozenset(
    {
        "alerts.copies_and_inboxes",
        "alerts.criteria_are_kept_once_by_their_marks",
        "alerts.refusals_of_partners_are_kept",
        "alerts.seal_who_is_named",
        "carriers.a_document_may_have_a_file",
        "carriers.seal_imports",
        "carriers.seal_who_drives",
        "inspections.joint_exams_and_grades_of_seals",
        "lanes.clones_redirections_and_lanes_measured",
        "lanes.policies_shifts_overrides",
        "manifests.seal_who_is_aboard",
        "manifests.seals_that_officers_replaced",
        "manifests.submission_trip_number",
        "manifests.which_goods_need_a_certificate_is_policy",
    }
)
# Since then: why no release that may still run needs what it takes away.
CONTRACTS: dict[str, str] = {
    "accounts.user_names_whatever_their_case": "the release before refuses such a name as taken",
    "lanes.archive_of_past_arrivals": "its NOT NULLs are in a table that no release before knows",
    "manifests.certificate_messages_once_per_sender": (
        "its unique pair holds a column that was unique by itself: every release keeps to it"
    ),
}


def lint() -> bool:
    """Print every migration that the release before could not live with; whether there is none."""
    logging.getLogger("django_migration_linter").setLevel(logging.WARNING)
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
        name = f"{migration.app_label}.{migration.name.partition('_')[2]}"
        if migration.app_label in ours and name not in BEFORE_THE_FIRST_RELEASE | CONTRACTS.keys():
            linter.lint_migration(migration)
    print(f"{linter.nb_total} migrations judged, {linter.nb_erroneous} would break a release")
    return not linter.has_errors


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustedtruck.settings")
    django.setup()
    # Ends here where one is missing.
    call_command("makemigrations", "--check", "--dry-run")
    sys.exit(0 if lint() else 1)
