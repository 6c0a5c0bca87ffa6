"""A second system of ours: its own process and database, its API over HTTP, its officers by pipe.

Each line of its input is `[action, arguments]` of `tests.alerts.actions`, each line of its output
the answer. The first line tells its port.
"""

import json
import sys
import threading
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_given: Any) -> None:
        """Nothing: its output is for answers."""


def main() -> None:
    import django

    django.setup()
    from django.core.wsgi import get_wsgi_application

    from tests.alerts import actions

    application = get_wsgi_application()
    server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps(server.server_port), flush=True)
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(getattr(actions, name)(**arguments)), flush=True)


if __name__ == "__main__":
    main()
