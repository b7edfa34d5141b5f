"""The program around one workspace: `python -I -m ecluse.data.workspaces.stage`.

It opens the project's files in memory, starts the sandbox, and stays as the only one who knows
where the notebook's server listens: in a memory file system of this namespace, under no path of the
machine. The server on descriptor 0 asks by short messages:

    the order      answered {"ok": …} once the sandbox runs
    connect        a descriptor connected to the notebook's server
    seal           the home is sealed now
    propose        the files of the folder `outputs`, collected where the sandbox cannot reach
    stop           the sandbox ends, the home is sealed, the stage ends

When the server goes away, that is a stop. The home is sealed every `seal_seconds` besides.
"""

import array
import contextlib
import dataclasses
import errno
import fcntl
import json
import os
import select
import signal
import socket
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.data.enclave import cgroups, kernel, layout, opening
from ecluse.data.enclave.collection import export
from ecluse.data.enclave.launch import launch
from ecluse.data.workspaces import homes
from ecluse.data.workspaces.orders import HOME, StageOrder, from_text
from ecluse.domain.errors import EcluseError
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.zone.sealed_files import DataKey

STAGE: Final = layout.STAGE
SOCKET: Final = "/run/lab/lab.sock"
TOKEN: Final = "/run/token"  # noqa: S105 - a path
OUTPUTS: Final = "outputs"
PROPOSED: Final = "proposed"
MESSAGE_BYTES: Final = 1 << 20
GRACE_SECONDS: Final = 2.0

Answer = dict[str, object]


@dataclass(slots=True)
class Running:
    """A workspace that runs: its order, the process of its sandbox, what is sealed of its home."""

    order: StageOrder
    sandbox: int
    index: homes.Index
    proposals: int = 0

    def seal(self) -> homes.Sealed:
        """Seal what changed in the home."""
        self.index, sealed = homes.seal(
            STAGE / "home", STAGE / "sealed", self.order.home.key, known=self.index
        )
        return sealed


def main() -> None:
    """Run one workspace to its end."""
    server = socket.socket(fileno=0)
    kernel.adopt_orphans()
    order = from_text(server.recv(MESSAGE_BYTES).decode())
    try:
        running = _open(order)
    except EcluseError as error:
        _tell(server, {"refused": str(error)})
        return
    except OSError as error:
        _tell(server, {"failed": str(error), "errno": error.errno})
        return
    _tell(server, {"ok": len(running.index)})
    try:
        _serve(server, running)
    finally:
        _end(running)
    _tell(server, _outcome(_seal, running))


def _open(order: StageOrder) -> Running:
    """Build the namespace, open the sealed folders, start the sandbox in a process of its own."""
    _lock(order.home.folder)
    identity = layout.enter(order.sandbox)
    # Not before: it would close the files of /proc by which the namespaces are set up.
    forbid_core_dumps()
    sealed = _opened_folder(order.home.folder)
    reads = [(_opened_folder(data.folder), data.key, target) for data, target in order.reads]
    arguments = layout.build(order.sandbox, identity)
    _show(sealed, STAGE / "sealed")
    seen = [_opened_read(number, *read) for number, read in enumerate(reads)]
    index = _open_home(order, identity)
    binds = [part for option in (*seen, *_rooms(order, identity)) for part in option]
    command = [*binds, *arguments]
    sandbox = os.fork()
    if sandbox == 0:
        _run_sandbox(order, command, identity)
    return Running(order, sandbox, index)


def _lock(folder: Path) -> None:
    """Wait until no other stage has this home; the lock ends with this process."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fcntl.flock(os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY), fcntl.LOCK_EX)


def _opened_folder(folder: Path) -> int:
    """Return a descriptor: the folder may lie where the stage is about to be mounted."""
    return os.open(folder, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)


def _show(descriptor: int, place: Path) -> None:
    place.mkdir(mode=0o700)
    kernel.bind(f"/proc/self/fd/{descriptor}", place)
    os.close(descriptor)


def _opened_read(number: int, descriptor: int, key: DataKey, target: str) -> list[str]:
    """Open a sealed folder in memory; return how the sandbox sees it."""
    _show(descriptor, STAGE / f"sealed-{number}")
    place = opening.open_in_memory(STAGE / f"sealed-{number}", STAGE / f"read-{number}", key)
    return ["--ro-bind", str(place), target]


def _open_home(order: StageOrder, owner: tuple[int, int]) -> homes.Index:
    home = STAGE / "home"
    home.mkdir()
    kernel.mount_tmpfs(home, size=order.home_bytes, files=order.home_files, owner=owner, mode=0o700)
    return homes.restore(STAGE / "sealed", home, order.home.key, owner=owner)


def _rooms(order: StageOrder, owner: tuple[int, int]) -> list[list[str]]:
    """Make the folder of the socket and the file of the token; return how they are seen."""
    lab, token = STAGE / "lab", STAGE / "token"
    lab.mkdir()
    kernel.mount_tmpfs(lab, size=1 << 16, files=8, owner=owner, mode=0o700)
    token.write_text(order.token, encoding="ascii")
    token.chmod(0o400)
    os.chown(token, *owner)
    return [
        ["--bind", str(STAGE / "home"), HOME],
        ["--bind", str(lab), str(Path(SOCKET).parent)],
        ["--ro-bind", str(token), TOKEN],
    ]


def _run_sandbox(order: StageOrder, command: list[str], identity: tuple[int, int]) -> None:
    """Be the process of the sandbox, which dies with the stage."""
    code = 1
    try:
        kernel.die_with_parent()
        os.close(0)
        os.open(os.devnull, os.O_RDONLY)
        group = cgroups.create(f"{identity[0]}", order.sandbox.limits)
        try:
            launch(order.sandbox, command, identity=identity, group=group, logs=STAGE / "work")
        finally:
            group.kill()
            group.remove()
        code = 0
    finally:
        # The copy of the stage must never go on as if it were the stage.
        os._exit(code)


def _serve(server: socket.socket, running: Running) -> None:
    """Answer the server until it says stop, goes away, or the sandbox ends."""
    ended = os.pidfd_open(running.sandbox)
    poll = select.poll()
    poll.register(server, select.POLLIN)
    poll.register(ended, select.POLLIN)
    every = running.order.seal_seconds
    next_seal = time.monotonic() + every
    while True:
        ready = [one for one, _ in poll.poll(max(0.0, next_seal - time.monotonic()) * 1000)]
        if time.monotonic() >= next_seal:
            running.seal()
            next_seal = time.monotonic() + every
        if server.fileno() in ready and not _answer(server, running):
            return
        if ended in ready:
            return


def _answer(server: socket.socket, running: Running) -> bool:
    """Do what the server asks; return whether to go on."""
    asked = server.recv(64).decode()
    if asked in ("", "stop"):
        return False
    if asked == "connect":
        _connect(server)
    else:
        _tell(server, _outcome(ACTS[asked], running))
    return True


def _outcome(act: Callable[[Running], Answer], running: Running) -> Answer:
    try:
        return act(running)
    except EcluseError as error:
        return {"refused": str(error)}
    except OSError as error:
        return {"failed": str(error), "errno": error.errno}


def _seal(running: Running) -> Answer:
    return {"sealed": dataclasses.asdict(running.seal())}


def _propose(running: Running) -> Answer:
    """Collect the outputs folder into a new folder of the stage's work."""
    running.proposals += 1
    name = f"{PROPOSED}-{running.proposals}"
    target = STAGE / "work" / name
    order = running.order
    taken = export(STAGE / "home" / OUTPUTS, target, order.sandbox.limits, key=order.home.key)
    return {
        "proposed": name,
        "files": [dataclasses.asdict(file) for file in taken.files],
        "refused": [dataclasses.asdict(entry) for entry in taken.refused],
    }


ACTS: Final[dict[str, Callable[[Running], Answer]]] = {"seal": _seal, "propose": _propose}


def _connect(server: socket.socket) -> None:
    """Send a connection to the notebook's server, or say that it does not listen yet."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            _reach(connection, STAGE / "lab" / Path(SOCKET).name)
        except OSError:
            _tell(server, {"absent": True})
            return
        rights = array.array("i", [connection.fileno()])
        server.sendmsg([b"{}"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])


def _reach(connection: socket.socket, path: Path) -> None:
    """Connect to a socket that lies here, never to where a link would lead. Raises OSError."""
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
        connection.connect(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _end(running: Running) -> None:
    """End the sandbox: bubblewrap first, so that its logs are closed; then whatever is left."""
    children = Path(f"/proc/{running.sandbox}/task/{running.sandbox}/children")
    with contextlib.suppress(OSError):
        for number in children.read_text(encoding="ascii").split():
            os.kill(int(number), signal.SIGKILL)
        select.select([os.pidfd_open(running.sandbox)], [], [], GRACE_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.sandbox, signal.SIGKILL)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _tell(server: socket.socket, answer: Answer) -> None:
    try:
        server.send(json.dumps(answer).encode())
    except OSError:
        return  # the server went away: nobody listens


if __name__ == "__main__":
    main()
