"""One plain line per step, with the time it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Progress:
    """Writes for an operator at a terminal. Never raises: the terminal may be gone."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """`write` must show the text at once; a step is a line that ends later."""
        self._write = write

    def text(self, text: str) -> None:
        """Writes as it is."""
        with suppress(OSError, ValueError):
            self._write(text)

    def event(self, line: str) -> None:
        """A line with the time of day."""
        self.text(f"{time.strftime('%H:%M:%S')} {line}\n")

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """Yields a function that adds a note to the end of the line."""
        begun = time.monotonic()
        notes: list[str] = []
        self.text(f"{title} ... ")
        try:
            yield notes.append
        except BaseException:
            self.text("\n")
            raise
        note = "".join(f", {note}" for note in notes)
        self.text(f"ok{note} ({time.monotonic() - begun:.1f} s)\n")
