"""What every test has: the fixed cast, and a database that may be emptied between tests."""

import logging
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

from lanes.queries import port as kept_ports

# Machines are shared and noisy: no test fails because one example was slow.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: begun last, one of them would keep all the others waiting."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


# What migrations fill and no test changes; without it every emptying would write it anew.
KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(autouse=True, scope="session")
def _emptying_is_quick() -> Iterator[None]:
    """Empties only the tables that have rows. As a replica: the audit's triggers refuse it else.

    Truncating two hundred tables and announcing a migration after each test took a third of the
    time of all tests.
    """

    def empty(self: DatabaseOperations, sql_list: Any) -> None:
        tables = [t for t in connection.introspection.table_names() if t not in KEPT_TABLES]
        quoted = [connection.ops.quote_name(table) for table in tables]
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in quoted
                )
            )
            filled = [name for (name,) in cursor.fetchall()]
            deletions = "".join(f"DELETE FROM {name};" for name in filled)
            cursor.execute(
                f"SET session_replication_role = replica; {deletions}"
                " SET session_replication_role = origin"
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", empty)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_args, **_options: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _nobody_holds_the_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Listeners and heartbeats live as long as their process: let go of the test's database."""
    yield
    # They say what they lost, but pytest closes what they write to; no trace of that, please.
    logging.raiseExceptions = False
    name = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(name)} ALLOW_CONNECTIONS false")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )


@pytest.fixture(autouse=True)
def _no_port_is_kept_over_a_test() -> Iterator[None]:
    kept_ports.forget()
    yield
    kept_ports.forget()


@pytest.fixture(autouse=True)
def _no_language_is_kept_over_a_test() -> Iterator[None]:
    """A page asked for in Spanish leaves the thread in Spanish until the next request."""
    translation.deactivate()
    yield
    translation.deactivate()
