"""Collect the product's texts for translation, compile them, and check that none is missing."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trustedtruck.core import texts


class Command(BaseCommand):
    help = (
        "Update trustedtruck/locale from the marked texts and compile it;"
        " with --check change nothing and fail where a text is not translated."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, only judge")

    def handle(self, *args: Any, **options: Any) -> None:
        marked = texts.marked_texts()
        found = []
        for language, _name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            path = settings.LOCALE_PATHS[0] / language / "LC_MESSAGES" / "django.po"
            compiled = path.with_suffix(".mo")
            catalogue = texts.load(path)
            if not options["check"]:
                texts.update(catalogue, marked)
                path.parent.mkdir(parents=True, exist_ok=True)
                catalogue.save(str(path))
                compiled.write_bytes(catalogue.to_binary())
            elif not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
                found.append(f"{language}: {compiled.name} is not what {path.name} compiles to")
            found += [f"{language}: {fault}" for fault in texts.faults(catalogue, marked)]
        for line in found:
            self.stderr.write(line)
        if found and options["check"]:
            raise CommandError(f"{len(found)} texts need work: manage.py texts, then translate")
        self.stdout.write(f"{len(marked)} texts, {len(found)} to translate")
