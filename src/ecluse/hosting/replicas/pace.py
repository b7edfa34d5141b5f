"""How fast bytes may leave, and at which hours."""

import datetime as dates
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from ecluse.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a day when a copy may run, UTC; it may go over midnight."""

    opens: dates.time
    closes: dates.time

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Return the window of `22:00-06:00`. Raises InvalidInput."""
        try:
            opens, closes = (dates.time.fromisoformat(part) for part in text.split("-"))
        except ValueError:
            raise InvalidInput(f"{text[:40]!r} is not a window such as 22:00-06:00.") from None
        return cls(opens, closes)

    def is_open(self, at: dates.datetime) -> bool:
        """Tell whether `at` is within these hours."""
        now = at.time().replace(tzinfo=None)
        if self.opens <= self.closes:
            return self.opens <= now < self.closes
        return now >= self.opens or now < self.closes


class Pace:
    """Lets at most `bytes_per_second` leave, all threads together; None lets everything."""

    def __init__(
        self,
        bytes_per_second: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._rate, self._clock, self._sleep = bytes_per_second, clock, sleep
        self._lock = Lock()
        self._free_at = clock()

    def wait(self, size: int) -> None:
        """Return when `size` bytes may leave."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            begins = max(now, self._free_at)
            self._free_at = begins + size / self._rate
        if begins > now:
            self._sleep(begins - now)
