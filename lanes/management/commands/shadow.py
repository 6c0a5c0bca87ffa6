"""What a draft would have decided in a period, against what was decided: in sum and by truck."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lanes.management.commands.replay import lines_of, policy_version
from lanes.management.periods import add_period, check_period, one_port
from lanes.policy_texts import sentences
from lanes.queries.decisions import Policies
from lanes.queries.port import policy_in_force
from lanes.queries.replay import under


class Command(BaseCommand):
    help = "Run a version of a port's policy over a past period, and show what it changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--policy", type=int, required=True, help="the version, draft or not")
        parser.add_argument("--port")
        add_period(parser)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = options["start"], options["end"]
        check_period(start, end)
        port = one_port(options["port"])
        rules = policy_version(port, options["policy"])
        live = policy_in_force(port)
        changes = sentences(Policies().get(port, live.version) or live, rules)
        report = under(rules, port, start, end)
        if options["json"]:
            body = {"port": port, "policy": rules.version, "live": live.version}
            self.stdout.write(json.dumps(body | {"changes": changes, **report.as_json()}))
            return
        self.stdout.write(f"Version {rules.version} against version {live.version}:")
        self.stdout.write("\n".join(f"  {text}" for text in changes) or "  no difference")
        self.stdout.write(f"Over {report.decisions} decisions:")
        self.stdout.write("\n".join(lines_of(report)))
