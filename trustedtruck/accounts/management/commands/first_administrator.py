"""The first officer of a new installation, who adds all others in the console."""

from argparse import ArgumentParser
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.officers import add_first_administrator
from trustedtruck.audit.actors import system
from trustedtruck.core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Add the first system administrator of a new installation, and print the link by which"
        " they set their password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", required=True)
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)
        parser.add_argument("--agency", required=True, metavar="CODE", help="for example US-CBP")
        parser.add_argument("--agency-name", required=True)
        parser.add_argument("--country", required=True, help="of the agency, two letters")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = Agency(
            code=options["agency"], name=options["agency_name"], country=options["country"]
        )
        person = {name: options[name] for name in ("username", "email", "first_name", "last_name")}
        try:
            agency.full_clean(validate_unique=False)
            User(**person).full_clean(exclude=["password"], validate_unique=False)
            user = add_first_administrator(
                **person, agency=agency, by=system("manage"), at=timezone.now()
            )
        except ValidationError as error:
            wrong = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
            raise CommandError("\n".join(wrong)) from None
        except DomainError as error:
            raise CommandError(str(error.text)) from None
        key = default_token_generator.make_token(user)
        path = reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
        )
        self.stdout.write(f"{user.username} sets the password here: {settings.BASE_URL}{path}")
