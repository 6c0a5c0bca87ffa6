"""What every test has: the fixed cast, and a database that may be emptied between tests."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

from lanes.queries import port as kept_ports

# Machines are shared and noisy: no test fails because one example was slow.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True, scope="session")
def _emptying_may_truncate_the_audit() -> Iterator[None]:
    """The audit's triggers refuse TRUNCATE, and tests empty tables by it: as a replica they may."""
    execute = DatabaseOperations.execute_sql_flush

    def as_replica(self: Any, sql_list: Any) -> None:
        execute(self, ["SET session_replication_role = replica;", *sql_list])
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = origin")

    DatabaseOperations.execute_sql_flush = as_replica  # type: ignore[method-assign]
    yield
    DatabaseOperations.execute_sql_flush = execute  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def _nobody_holds_the_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Listeners and heartbeats live as long as their process: let go of the test's database."""
    yield
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
