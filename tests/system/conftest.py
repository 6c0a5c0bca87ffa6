"""One first start for all: whoever wants an installation that ran before begins with its home."""

import signal

import pytest

from tests.running import Running, started


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """A new home, started with the demonstration and stopped again. Copy its home."""
    home = tmp_path_factory.mktemp("first") / "home"
    for make in started([]):
        running = make(home).start_and_wait()
        running.send(signal.SIGTERM)
        assert running.wait() == 0
    return running
