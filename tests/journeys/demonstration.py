"""A whole demonstration for one test run: both sites, the agent, a small country, its own home."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecluse.cli.database import Cluster
from ecluse.cli.demo import AGENT, STEPS, Demo
from ecluse.cli.home import Home
from ecluse.cli.preparation import Steps, prepare
from ecluse.cli.road import MARC, SARAH, Road
from ecluse.cli.serve import Site
from ecluse.cli.tour import open_road

PERSONS = 3000
"""Enough for cells of at least 11 persons in the first study; drawn and loaded in two seconds."""


@dataclass
class Walk:
    """One study on the road. What a test did in the browser is noted; the rest is played for it."""

    road: Road
    done: list[str] = field(default_factory=list)

    def up_to(self, step: str) -> Road:
        """Return the road with every step before `step` done, played over HTTP where needed."""
        for name, play in self._steps().items():
            if name == step:
                return self.road
            if name not in self.done:
                play()
                self.done.append(name)
        return self.road

    def has_done(self, *steps: str) -> None:
        """Note what was done in the browser."""
        self.done += steps

    def _steps(self) -> dict[str, Callable[[], object]]:
        road = self.road
        return {
            "opt out": road.opt_out,
            "apply": road.apply,
            "assess": road.assess,
            "decide": road.decide,
            "order": road.order,
            "extract": road.await_extract,
            "analyse": road.send_analysis,
            "check": road.await_checks,
            "ask": road.ask_output,
            "first vote": lambda: road.vote(SARAH),
            "second vote": lambda: road.vote(MARC),
            "collect": road.collect,
            "end": lambda: None,
        }


class Demonstration(Demo):
    """A demonstration that runs: where its sites are, and who may sign in."""

    def url(self, site: Site) -> str:
        """The address of one of the two sites."""
        found = Demo.url(self, site)
        assert found is not None, f"{site} does not run: {self.program(site).last_words()}"
        return found

    @property
    def password(self) -> str:
        """The password of every account."""
        return self.home.config().demo_password

    def walk(self) -> Walk:
        """A new study, at the beginning of the road."""
        return Walk(open_road(self))

    @contextmanager
    def agent_held(self) -> Iterator[None]:
        """Hold the agent still, so that a page can be seen waiting for it."""
        agent = self.program(AGENT).pid()
        assert agent is not None, self.program(AGENT).last_words()
        os.kill(agent, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(agent, signal.SIGCONT)


@contextmanager
def running() -> Iterator[Demonstration]:
    """Start a demonstration in a home of its own; stop and remove it, whatever happens."""
    # Beside /tmp's private folders: PostgreSQL and sandboxed analyses run as other users.
    home = Home(Path(tempfile.mkdtemp(prefix="ecluse-journey-")))
    demo = Demonstration(home)
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DATABASE_URL", raising=False)
        try:
            home.create()
            Cluster(home.postgres, durable=False).start()
            steps = Steps(STEPS)
            server_url = prepare(home, steps, persons=PERSONS)
            demo.start(server_url, steps, theme="neutral")
            yield demo
        finally:
            demo.stop()
            shutil.rmtree(home.path, ignore_errors=True)
