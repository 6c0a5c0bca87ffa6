"""TCP proxies that can be slow, silent, rude, or cut answers in half."""

import socket
import threading
import time
from contextlib import suppress

MODES = ("plain", "slow", "reset", "silent", "half")
BUFFER = 65_536


class Proxy:
    """Between gate and web. `mode` holds for connections that begin while it is set."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode = "plain"
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client, self.mode], daemon=True).start()

    def _serve(self, client: socket.socket, mode: str) -> None:
        with client, suppress(OSError):
            if mode == "reset":
                client.recv(1)
                # Linger of 0 seconds: closing sends RST.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            if mode == "silent":
                client.settimeout(10)
                while client.recv(BUFFER):
                    pass
                return
            with socket.create_connection(("127.0.0.1", self.target), timeout=5) as server:
                threading.Thread(
                    target=_pump, args=[client, server, 0.4 if mode == "slow" else 0.0], daemon=True
                ).start()
                self._answer(server, client, mode)
            # The pump sleeps in this socket and would keep it open: wake it up.
            client.shutdown(socket.SHUT_RD if mode == "half" else socket.SHUT_RDWR)

    def _answer(self, server: socket.socket, client: socket.socket, mode: str) -> None:
        server.settimeout(10)
        while data := server.recv(BUFFER):
            if mode == "half":
                client.sendall(data[: len(data) // 2])
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            if mode == "slow":
                time.sleep(0.4)
            client.sendall(data)


def _pump(source: socket.socket, target: socket.socket, delay: float) -> None:
    with suppress(OSError):
        while data := source.recv(BUFFER):
            time.sleep(delay)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class Line:
    """Between a process of the product and a server. `mode` holds for what goes on already, too."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode = "plain"
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.mode = "reset"  # for whoever is still in silence
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            with suppress(OSError):
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                server.settimeout(None)
                ways = ((client, server, False), (server, client, True))
                for source, target, answers in ways:
                    threading.Thread(
                        target=self._carry, args=[source, target, answers], daemon=True
                    ).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        rude = False
        with suppress(OSError):
            while data := source.recv(BUFFER):
                while self.mode == "silent":
                    time.sleep(0.05)
                if self.mode == "half" and answers:
                    target.sendall(data[: len(data) // 2])
                if self.mode == "reset" or (self.mode == "half" and answers):
                    rude = True
                    break
                if self.mode == "slow":
                    time.sleep(0.3)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                if rude:
                    # Linger of 0 seconds: closing sends RST, unless FIN was sent before.
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                end.shutdown(socket.SHUT_RD if rude else socket.SHUT_RDWR)
            end.close()
