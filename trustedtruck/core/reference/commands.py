"""Every command of `manage.py` that is ours, from its own parser."""

import argparse
from collections.abc import Iterator

from django.core.management import BaseCommand, get_commands, load_command_class

from trustedtruck.core.reference.tables import page, table

_HEADS = ("argument", "what it does")


def written() -> str:
    """The page, with the options that every command of Django's has left out."""
    common = {action.dest for action in BaseCommand().create_parser("manage.py", "")._actions}
    parts = []
    for name, app in sorted(get_commands().items()):
        if app.startswith(("trustedtruck.", "lanes")):
            command = load_command_class(app, name)
            parts.append(f"## {name}\n\n{_sentence(command.help)}\n")
            parser = command.create_parser("manage.py", name)
            if rows := list(_rows(parser, common)):
                parts.append(table(_HEADS, rows))
    return page(
        "Commands", "What `--help` says of each command of `manage.py`, on one page.", *parts
    )


def _rows(parser: argparse.ArgumentParser, common: set[str], of: str = "") -> Iterator[list[str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help for choice in action._choices_actions}
            for name, inner in action.choices.items():
                yield [f"`{of}{name}`", _sentence(helps.get(name) or inner.description)]
                yield from _rows(inner, common, f"{of}{name} ")
        elif action.dest not in common:
            yield [f"`{of}{_usage(action)}`", _help(action)]


def _usage(action: argparse.Action) -> str:
    value = action.metavar or action.dest.upper()
    takes = "" if action.nargs == 0 else f" {value if isinstance(value, str) else ' '.join(value)}"
    if not action.option_strings:
        return takes.strip()
    return ", ".join(action.option_strings) + takes


def _help(action: argparse.Action) -> str:
    said = _sentence(action.help)
    if action.choices:
        said += f" ({', '.join(map(str, action.choices))})"
    return said


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split()).replace("%%", "%")
