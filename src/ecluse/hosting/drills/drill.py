"""The drill: everything that leaving a host asks, in one run, each step timed and counted."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ecluse.domain.documents.drills import DrillPart, DrillReport, DrillStep
from ecluse.hosting.drills import copier, strikes
from ecluse.hosting.drills.world import Plan, World, count_read, draw, everything
from ecluse.hosting.replicas import copying, erasure
from ecluse.hosting.replicas.copying import Copied, Layout, Way
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.opening import restore
from ecluse.hosting.replicas.progress import Progress, Step
from ecluse.hosting.replicas.register import Register
from ecluse.hosting.replicas.verification import Verification, load, verify
from ecluse.hosting.stores.addresses import open_store
from ecluse.hosting.stores.interface import CHUNK_BYTES, Store
from ecluse.trust.journal.files import FileJournal

SOURCE, TARGET = "drill-source", "drill-target"
"""The names under which the environment gives the identities of the two hosts."""
WITHIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a drill runs: its folder, the addresses of the hosts, and what it is called."""

    folder: Path
    road: copier.Road
    environment: dict[str, str]
    number: str
    software: str


@dataclass
class Drill:
    """A drill under way: its world, its two hosts, and what was timed so far."""

    setting: Setting
    plan: Plan
    world: World
    clock: Callable[[], float] = time.monotonic
    parts: list[DrillPart] = field(default_factory=list)
    kills: list[int] = field(default_factory=list)
    begun: float = 0.0

    @property
    def source(self) -> Store:
        """The host that is left."""
        setting = self.setting
        return open_store(setting.road.source, host=SOURCE, environment=setting.environment)

    @property
    def target(self) -> Store:
        """The host that is gone to."""
        setting = self.setting
        return open_store(setting.road.target, host=TARGET, environment=setting.environment)

    def now_ms(self) -> int:
        """Return the milliseconds since the drill began."""
        return int((self.clock() - self.begun) * 1000)

    @contextmanager
    def timed(self, step: DrillStep) -> Iterator[list[int]]:
        """Give a list for what was done, of what was asked; keep when the step began and ended."""
        begun, counted = self.now_ms(), [0, 0]
        yield counted
        self.parts.append(DrillPart(step, begun, self.now_ms(), *counted))


def run(
    setting: Setting,
    plan: Plan,
    *,
    now: datetime,
    on_step: Callable[[str], object] = lambda _: None,
) -> DrillReport:
    """Run a drill from one host to the other and return what it showed, good or bad.

    The places given must be empty: everything in them is the drill's, and is erased at the end.

    Raises:
        Unreachable: a host does not answer.
    """
    drill = Drill(setting, plan, draw(setting.folder, plan, now=now))
    drill.begun = drill.clock()
    on_step("planned")
    _send_to_source(drill)
    on_step("copied")
    sent = _copy_killed(drill)
    on_step("verified")
    root = _verify(drill)
    on_step("struck")
    struck = _strike_and_mend(drill)
    with FileJournal(setting.folder / "journal", origin=SOURCE, key=drill.world.signing) as journal:
        on_step("cut-over")
        _cut_over_and_back(drill, Register(journal, "drill"), now)
    on_step("taken")
    thief, owner = _take(drill)
    on_step("erased")
    _erase(drill)
    return DrillReport(
        drill_number=setting.number,
        software=setting.software,
        source=drill.source.place,
        target=drill.target.place,
        seed=plan.seed,
        begun_at=now,
        objects=len(drill.world.manifest.objects),
        size=drill.world.manifest.size,
        sent_size=sent,
        root_before=drill.world.manifest.root,
        root_after=root,
        kills_ms=tuple(drill.kills),
        struck=struck.struck,
        found=struck.found,
        canaries=len(drill.world.canaries),
        read_by_thief=thief,
        read_with_key=owner,
        parts=tuple(drill.parts),
    )


def _send_to_source(drill: Drill) -> None:
    """Put both versions at the host that will be left, sealed on their way."""
    with drill.timed(DrillStep.PLANNED) as counted:
        for version in (drill.world.former, drill.world.manifest):
            done = _copied(
                drill, version, Way(drill.world.source(version), Layout.PATHS, drill.source)
            )
            counted[:] = [counted[0] + done.verified, counted[1] + done.objects]


def _copied(drill: Drill, version: Manifest, way: Way) -> Copied:
    name = f"{way.layout}-{version.header.number}"
    with Progress(drill.setting.folder / name) as state:
        return copying.copy(version, way, state)


def _copy_killed(drill: Drill) -> int:
    """Copy to the other host, killed again and again; return the bytes that left."""
    world, folder = drill.world, drill.setting.folder
    seed = random.Random(drill.plan.seed + 1)  # noqa: S311 — when to strike, not a secret
    copier.prepare(folder, drill.setting.road, world.manifest.data(), world.keyring)
    # A piece of 1 MiB is noted before it leaves: the kills are spread over all of them.
    pieces = world.manifest.size // CHUNK_BYTES + len(world.struck)
    apart = max(1, 2 * pieces // (drill.plan.kills + 1))
    with drill.timed(DrillStep.COPIED) as counted:
        for _ in range(drill.plan.kills):
            if copier.copy_killed(folder, after=seed.randrange(1, apart + 1)):
                drill.kills.append(drill.now_ms())
        sent = copier.copy_to_the_end(folder)
        counted[:] = [len(world.manifest.objects)] * 2
    # The former version too, so that its object can be played again.
    _copied(drill, world.former, Way(drill.source, Layout.CONTENT, drill.target))
    return sent


def _verify(drill: Drill) -> str:
    """Read everything at the new host; return the root that it holds, or nothing."""
    with drill.timed(DrillStep.VERIFIED) as counted:
        found = _read_again(drill)
        counted[:] = [found.objects - len(found.findings), found.objects]
        if not found.is_whole:
            return ""
        return load(drill.target, drill.world.manifest.root, drill.world.keyring).root


def _read_again(drill: Drill) -> Verification:
    world = drill.world
    others = (world.former, world.small)
    return verify(world.manifest, drill.target, keyring=world.keyring, former=others)


def _strike_and_mend(drill: Drill) -> strikes.Struck:
    seed = random.Random(drill.plan.seed + 2)  # noqa: S311 — where to strike, not a secret
    with drill.timed(DrillStep.STRUCK) as counted:
        struck = strikes.strike(drill.world, drill.target, count=drill.plan.corruptions, seed=seed)
        counted[:] = [struck.found, struck.struck]
    with drill.timed(DrillStep.MENDED) as counted:
        found = _read_again(drill).findings
        way = Way(drill.source, Layout.CONTENT, drill.target)
        with Progress(drill.setting.folder / copier.STATE) as state:
            for finding in found:
                state.reach(finding.key, Step.PLANNED)
            copying.copy(drill.world.manifest, way, state)
        counted[:] = [len(found) - len(_read_again(drill).findings), len(found)]
    return struck


def _cut_over_and_back(drill: Drill, register: Register, now: datetime) -> None:
    """Have the dataset read from the new host, back from the old one, then from the new again."""
    world = drill.world
    register.planned(world.former, host=SOURCE, now=now)
    register.planned(world.manifest, host=SOURCE, now=now)
    for host, store in ((SOURCE, drill.source), (TARGET, drill.target)):
        others = (world.former, world.small)
        found = verify(world.manifest, store, keyring=world.keyring, former=others)
        register.verified(world.manifest, found, host=host, now=now)
    register.cut_over(world.manifest, to=SOURCE, now=now, within=WITHIN)
    asked = (
        (DrillStep.CUT_OVER, TARGET),
        (DrillStep.ROLLED_BACK, SOURCE),
        (DrillStep.CUT_OVER, TARGET),
    )
    for step, host in asked:
        with drill.timed(step) as counted:
            if step is DrillStep.ROLLED_BACK:
                register.roll_back(world.manifest, now=now, within=WITHIN)
            else:
                register.cut_over(world.manifest, to=host, now=now, within=WITHIN)
            used = register.in_use(world.manifest.header.dataset)
            counted[:] = [int(used is not None and used.host == host), 1]


def _take(drill: Drill) -> tuple[int, int]:
    """Return the canaries read by who has all that both hosts hold, and by who has the key."""
    world = drill.world
    with drill.timed(DrillStep.TAKEN) as counted:
        taken = count_read(world.canaries, everything(drill.source))
        taken |= count_read(world.canaries, everything(drill.target))
        counted[:] = [len(world.canaries) - len(taken), len(world.canaries)]
    opened = drill.setting.folder / "opened"
    restore(world.manifest, drill.target, world.sealing, opened)
    paths = (path for path in sorted(opened.rglob("*")) if path.is_file())
    return len(taken), len(count_read(world.canaries, (path.read_bytes() for path in paths)))


def _erase(drill: Drill) -> None:
    world = drill.world
    with drill.timed(DrillStep.ERASED) as counted:
        for store in (drill.source, drill.target):
            for version in (world.former, world.manifest, world.small):
                erasure.erase(version, store)
            counted[0] += not any(True for _ in store.list())
            counted[1] += 1
