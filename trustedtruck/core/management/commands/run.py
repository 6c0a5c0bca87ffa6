"""`manage.py run`: the whole product with one command."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trustedtruck.core.embedded.environment import given_environment, home_directory
from trustedtruck.core.embedded.errors import EmbeddedError
from trustedtruck.core.embedded.home import Home
from trustedtruck.core.embedded.stack import options_from
from trustedtruck.core.embedded.supervisor import Supervisor
from trustedtruck.core.embedded.welcome import welcome


class Command(BaseCommand):
    """Touches no table itself: it starts before there is a database."""

    help = (
        "Start everything: PostgreSQL, Valkey, web, workers, beat and sweep. PORT, BIND,"
        " TRUSTEDTRUCK_HOME, DATABASE_URL and REDIS_URL in the environment change where."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --no-demo and --no-traffic."""
        parser.add_argument(
            "--no-demo", action="store_true", help="do not load the demonstration port and carriers"
        )
        parser.add_argument(
            "--no-traffic",
            action="store_true",
            help="let no trucks come to the demonstration port by themselves",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs until it is asked to stop; CommandError says why it could not start."""
        given = given_environment()
        home = Home(home_directory())
        try:
            threads = settings.WEB_THREADS + settings.EVENT_STREAMS
            chosen = options_from(
                given,
                demo=not options["no_demo"],
                traffic=settings.DEMO_TRAFFIC_S > 0 and not options["no_traffic"],
                web_threads=threads,
                apps=tuple(settings.INSTALLED_APPS),
            )
            Supervisor(home, chosen, given, self._show).run(
                lambda seconds: welcome(home, chosen, seconds)
            )
        except (EmbeddedError, OSError) as error:
            raise CommandError(str(error)) from error

    def _show(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()
