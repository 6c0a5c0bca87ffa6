"""The line between an edge and headquarters, which can be cut and can lie."""

import gzip
import http.client
import json
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.system.cable import THERE, Cable

BUNDLE = "/api/v1/edge/bundle/"
KEPT = {"content-type", "content-encoding", "authorization", "accept-encoding", "host"}


class Line:
    """`mode`: plain; silent, as a line dies; `old` plays a bundle back; `forged`.

    With a `cable`, headquarters' end of the line (and headquarters, which must be started at the
    `far_end`) is in a network of its own.
    """

    def __init__(self, cable: Cable | None = None) -> None:
        self.mode, self.target = "plain", 0
        self.cable = cable
        # What came along the line of late.
        self.bundles: deque[bytes] = deque(maxlen=20)
        line = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                line.carry(self)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_message: Any) -> None:
                pass

        self.host = THERE if cable else "127.0.0.1"
        with self.far_end():
            self._server = ThreadingHTTPServer((self.host, 0), Handler)
            self._server.daemon_threads = True
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.base_url = f"http://{self.host}:{self._server.server_address[1]}"

    @contextmanager
    def far_end(self) -> Iterator[None]:
        """Where headquarters is: what is started or asked there reaches its network."""
        with self.cable.far_end() if self.cable else nullcontext():
            yield

    def cut(self) -> None:
        """Nothing goes either way: the cable is pulled, or whoever asks hears nothing."""
        if self.cable:
            self.cable.pull()
        else:
            self.mode = "silent"

    def mend(self) -> None:
        if self.cable:
            self.cable.plug()
        self.mode = "plain"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self.cable:
            self.cable.remove()

    def carry(self, request: BaseHTTPRequestHandler) -> None:
        """One request there, its answer back; in silence neither."""
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if self.mode == "silent":
            # Longer than an edge has patience; then the connection ends without a word.
            time.sleep(15)
            request.close_connection = True
            return
        headers = {k: v for k, v in request.headers.items() if k.lower() in KEPT}
        upstream = http.client.HTTPConnection("127.0.0.1", self.target, timeout=30)
        upstream.request(request.command, request.path, body, headers)
        response = upstream.getresponse()
        data = response.read()
        encoding = response.headers.get("Content-Encoding", "")
        upstream.close()
        if request.path == BUNDLE and response.status == 200:
            data, encoding = self._bundle(gzip.decompress(data) if encoding else data), ""
        with suppress(OSError):
            request.send_response(response.status)
            request.send_header("Content-Type", response.headers.get("Content-Type", ""))
            if encoding:
                request.send_header("Content-Encoding", encoding)
            request.send_header("Content-Length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)

    def _bundle(self, data: bytes) -> bytes:
        if self.mode == "old":
            return self.bundles[0]
        self.bundles.append(data)
        return forged(data) if self.mode == "forged" else data


def forged(data: bytes) -> bytes:
    """A newer bundle than there is, with the signature of the true one."""
    document = json.loads(data)
    head, payload, signature = document["manifest"].split(".")
    claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["seq"] += 1
    changed = urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    document["manifest"] = f"{head}.{changed}.{signature}"
    return json.dumps(document).encode()
