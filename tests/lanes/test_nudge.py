"""When a nudge goes to the broker, and when the last one will do."""

import threading
import time
import uuid

from lanes.nudge import LOOKS_AGAIN_S, ON_ITS_WAY_S, Nudger

PORT = "2304"
# Far longer than anything here takes, so that a busy machine changes no answer.
LONG_S = 5.0


class Counting(Nudger):
    """The real thread and its clock; what would go to the broker is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.ports: list[str] = []
        self._came = threading.Condition()

    def ask(self, port_code: str = PORT) -> uuid.UUID:
        """A truck comes."""
        arrival = uuid.uuid4()
        self.nudge(port_code, arrival)
        return arrival

    def sent(self, number: int) -> bool:
        """Whether so many nudges go out."""
        with self._came:
            return self._came.wait_for(lambda: len(self.ports) >= number, LONG_S)

    def _publish(self, port_code: str) -> None:
        with self._came:
            self.ports.append(port_code)
            self._came.notify_all()


def test_the_first_truck_asks_at_once() -> None:
    made = Counting()
    made.ask()
    assert made.sent(1)


def test_trucks_right_behind_it_use_the_same_nudge() -> None:
    made = Counting()
    first = made.ask()
    assert made.sent(1)
    others = [made.ask() for _ in range(5)]
    made.decided([first, *others])
    time.sleep(3 * ON_ITS_WAY_S)
    assert len(made.ports) <= 2, "one for all of them; a slow machine may need a second"


def test_trucks_at_other_ports_use_the_same_nudge() -> None:
    """Whoever takes it up takes up all that waits, wherever that is."""
    made = Counting()
    first = made.ask()
    assert made.sent(1)
    others = [made.ask(f"25{number:02}") for number in range(5)]
    made.decided([first, *others])
    time.sleep(3 * ON_ITS_WAY_S)
    assert len(made.ports) <= 2, "one for all of them; a slow machine may need a second"


def test_another_port_waits_no_longer_than_the_nudge_may_take() -> None:
    made = Counting()
    made.ask()
    assert made.sent(1)
    made.ask("2506")
    assert made.sent(2)
    assert made.ports == [PORT, "2506"]


def test_a_nudge_that_brought_nobody_is_sent_again() -> None:
    made = Counting()
    made.ask()
    assert made.sent(1)
    made.ask()
    assert made.sent(2)


def test_who_came_while_a_worker_decided_asks_where_it_does_not_look_again() -> None:
    made = Counting()
    first = made.ask()
    assert made.sent(1)
    made.ask()
    made.decided([first])
    assert made.sent(2)
    assert LOOKS_AGAIN_S < ON_ITS_WAY_S


def test_who_comes_after_the_decision_asks_at_once() -> None:
    made = Counting()
    first = made.ask()
    assert made.sent(1)
    made.decided([first])
    made.ask()
    assert made.sent(2)
