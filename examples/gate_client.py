#!/usr/bin/env python3
"""A gate's client for the lane-assignment API, in one file, with Python's standard library alone.

Copy it, or read it as the contract of a gate in code. Three promises:

1.  `ask` always answers in time. Whatever goes wrong (no network, a timeout, a server error, an
    answer that cannot be read) the answer is INSPECTION. Nothing but a clear "fast" is fast.
2.  Every event is in the journal, on disk, before it is sent. What was not answered is sent again
    by `replay`, under the same event id: the server answers a repeated event as the first time.
3.  An answer that comes late changes nothing at the gate: the truck stands in inspection already.

As a program it reads one arrival per line (JSON, as in the API's documentation) and writes one
decision per line:

    export TRUSTEDTRUCK_KEY=tt_...
    gate_client.py --server https://gates.port.example:8443 --certificate gate-1.crt \
        --certificate-key gate-1.key --journal /var/lib/gate/journal.jsonl < trucks
"""

import argparse
import contextlib
import fcntl
import json
import os
import queue
import ssl
import sys
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

# The server promises an answer in 1.5 seconds. Half a second more is for the way.
PATIENCE_S = 2.0
# Refusals that will be the same tomorrow: the event is not sent again, people must look.
HOPELESS = frozenset({400, 404, 405, 409, 413, 415, 422})
INSPECTION = "inspection"


@dataclass(frozen=True)
class Decision:
    """Where the truck goes. `why` has the codes of the reasons; `failed` says that we decided.

    `arrival` is the server's id, which passages need; None when the server was not heard.
    """

    event_id: str
    route: str
    lane: str | None
    why: tuple[str, ...]
    failed: bool
    arrival: str | None


class Journal:
    """Events on disk, one JSON object a line: first `sent`, later `done` with what became of it.

    A line that was cut by a power failure is skipped: it was the last one, and its event had not
    been sent. One process at a time may hold a journal.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file: TextIO = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"{path} is in use by another gate client") from None
        self._open: dict[str, dict[str, Any]] = {}
        for line in self._lines():
            if line.get("kind") == "sent":
                self._open[line["event_id"]] = line
            else:
                self._open.pop(line.get("event_id", ""), None)
        self._rewrite()

    def _lines(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        for text in self._file:
            with contextlib.suppress(ValueError):
                line = json.loads(text)
                if isinstance(line, dict) and isinstance(line.get("event_id"), str):
                    yield line

    def _rewrite(self) -> None:
        """Keep what is open, so that the journal does not grow for ever."""
        kept = "".join(json.dumps(line) + "\n" for line in self._open.values())
        spare = self._path.with_suffix(".new")
        with spare.open("w", encoding="utf-8") as file:
            file.write(kept)
            file.flush()
            os.fsync(file.fileno())
        fresh = spare.open("a+", encoding="utf-8")
        fcntl.flock(fresh, fcntl.LOCK_EX | fcntl.LOCK_NB)
        spare.replace(self._path)
        self._file.close()
        self._file = fresh

    def _write(self, line: dict[str, Any]) -> None:
        # Begun on a line of its own: a full disk may have cut the one before.
        self._file.write("\n" + json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def sent(self, event_id: str, path: str, body: dict[str, Any]) -> None:
        line = {"kind": "sent", "event_id": event_id, "path": path, "body": body}
        self._write(line)
        self._open[event_id] = line

    def done(self, event_id: str, result: str) -> None:
        self._write({"kind": "done", "event_id": event_id, "result": result})
        self._open.pop(event_id, None)

    def waiting(self) -> list[dict[str, Any]]:
        """What nobody has answered yet, the oldest first."""
        return list(self._open.values())

    def close(self) -> None:
        self._file.close()


class Gate:
    """One gate. `ask` for each truck, `passed` for each point, `replay` when there is time."""

    def __init__(
        self,
        *,
        server: str,
        key: str,
        journal: Path,
        patience_s: float = PATIENCE_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls`: with the gate's certificate, where the port asks for one."""
        self._server, self._key, self._patience = server.rstrip("/"), key, patience_s
        self._tls = tls
        self.journal = Journal(journal)

    def ask(self, seen: dict[str, Any]) -> Decision:
        """The lane for one truck, within the patience. `seen` is the body of an arrival.

        `event_id` and `observed_at` are added where they lack.
        """
        body = {"event_id": f"gate-{uuid.uuid4()}", "observed_at": _now(), **seen}
        event_id = str(body["event_id"])
        path = "/api/v1/arrivals/"
        try:
            self.journal.sent(event_id, path, body)
            status, answer = self._send(path, body)
            self._settle(event_id, status, answer)
        except (OSError, ValueError) as error:  # a full disk, a body that is no JSON
            print(f"the journal failed: {error!r}", file=sys.stderr)
            return Decision(event_id, INSPECTION, None, ("gate_journal_failed",), True, None)
        return _decision(event_id, status, answer)

    def passed(self, arrival: str, point: str, *, lane: str | None = None) -> bool:
        """Tell that a truck passed a point; False leaves it in the journal for later."""
        body: dict[str, Any] = {
            "event_id": f"gate-{uuid.uuid4()}",
            "point": point,
            "at": _now(),
        }
        if lane is not None:
            body["lane"] = lane
        path = f"/api/v1/arrivals/{arrival}/passages/"
        self.journal.sent(body["event_id"], path, body)
        status, answer = self._send(path, body)
        return self._settle(body["event_id"], status, answer)

    def replay(self) -> int:
        """Send again what was not answered; how many still wait. Stops at the first silence."""
        for line in self.journal.waiting():
            status, answer = self._send(line["path"], line["body"])
            if not self._settle(line["event_id"], status, answer):
                break
        return len(self.journal.waiting())

    def _settle(self, event_id: str, status: int, answer: dict[str, Any]) -> bool:
        """Close the event in the journal when the server has it, or will never take it."""
        if status in (200, 201, 202):
            self.journal.done(event_id, "taken")
            return True
        if status in HOPELESS:
            code = answer.get("code", "no code")
            self.journal.done(event_id, f"refused: {status} {code}")
            print(f"{event_id} refused: {json.dumps(answer)}", file=sys.stderr)
            return True
        return False

    def _send(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer; status 0 where there was none in time.

        In a thread of its own: a timeout of a socket starts anew with each byte, and a server that
        drips must not hold a truck.
        """
        heard: queue.Queue[tuple[int, dict[str, Any]]] = queue.Queue()
        request = urllib.request.Request(
            f"{self._server}{path}",
            json.dumps(body).encode(),
            {
                "Authorization": f"Bearer {self._key}",
                "Content-Type": "application/json",
                "Accept": "application/json, application/problem+json",
            },
        )
        threading.Thread(
            target=lambda: heard.put(_exchange(request, self._patience, self._tls)), daemon=True
        ).start()
        try:
            return heard.get(timeout=self._patience)
        except queue.Empty:
            return 0, {}


def _exchange(
    request: urllib.request.Request, timeout: float, tls: ssl.SSLContext | None
) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(request, timeout=timeout, context=tls) as answer:
            return answer.status, _object(answer.read())
    except urllib.error.HTTPError as error:
        with error, contextlib.suppress(OSError, ValueError):
            return error.code, _object(error.read())
        return error.code, {}
    except Exception as error:  # whatever it is, the truck needs an answer
        print(f"no answer: {error!r}", file=sys.stderr)
        return 0, {}


def _object(text: bytes) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _decision(event_id: str, status: int, answer: dict[str, Any]) -> Decision:
    """Fast only where everything says so; anything else is inspection."""
    lane = answer.get("lane")
    code = lane.get("code") if isinstance(lane, dict) else None
    reasons = answer.get("reasons")
    why = tuple(
        str(reason["code"])
        for reason in (reasons if isinstance(reasons, list) else [])
        if isinstance(reason, dict) and "code" in reason
    )
    heard = (
        status in (200, 201)
        and answer.get("event_id") == event_id
        and answer.get("state") == "assigned"
        and answer.get("route") in ("fast", INSPECTION)
    )
    if not heard:
        failure = f"gate_heard_{status}" if status else "gate_heard_nothing"
        return Decision(event_id, INSPECTION, None, (failure,), True, None)
    return Decision(event_id, str(answer["route"]), code, why, False, str(answer.get("id")))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def tls_of(
    certificate: Path | None, key: Path | None = None, ca: Path | None = None
) -> ssl.SSLContext | None:
    """Shows the certificate, and believes a server of this CA (none: those that the system knows).

    Raises OSError for a file that is missing, no certificate, or not of this key.
    """
    if certificate is None and ca is None:
        return None
    context = ssl.create_default_context(cafile=ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask for the lane of each truck on stdin.")
    parser.add_argument(
        "--server", default="http://127.0.0.1:8000", help="where the port's API is (%(default)s)"
    )
    parser.add_argument(
        "--journal",
        type=Path,
        default=Path("gate-journal.jsonl"),
        help="where events stand until they are answered (%(default)s)",
    )
    parser.add_argument("--certificate", type=Path, help="this gate's, where the port asks for one")
    parser.add_argument("--certificate-key", type=Path, help="its private key")
    parser.add_argument("--ca", type=Path, help="the CA of the server's certificate")
    parser.add_argument("--replay", action="store_true", help="only send what still waits")
    options = parser.parse_args()
    key = os.environ.get("TRUSTEDTRUCK_KEY", "")
    if not key:
        parser.error("set TRUSTEDTRUCK_KEY to the key of this gate's device")
    try:
        tls = tls_of(options.certificate, options.certificate_key, options.ca)
    except OSError as error:
        parser.error(f"the certificate cannot be used: {error}")
    gate = Gate(server=options.server, key=key, journal=options.journal, tls=tls)
    if not options.replay:
        for text in sys.stdin:
            try:
                seen = json.loads(text)
            except ValueError:
                seen = {}
            decision = gate.ask(seen if isinstance(seen, dict) else {})
            print(json.dumps(asdict(decision)), flush=True)
    left = gate.replay()
    gate.journal.close()
    if left:
        print(f"{left} events still wait in {options.journal}", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
