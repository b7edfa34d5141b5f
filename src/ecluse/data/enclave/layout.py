"""The file tree that a job sees, laid out in a mount namespace of its own.

Everything is first shown on neutral paths under `STAGE`, a memory file system that only this
namespace sees: a job's uid cannot walk through the closed folders of the machine, and no path of
the machine appears in bubblewrap's arguments.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ecluse.data.enclave import kernel
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.opening import open_in_memory
from ecluse.data.enclave.orders import SandboxOrder

STAGE = Path("/tmp")  # noqa: S108 - covered by our own memory file system, seen by this job alone
PROGRAMS = "/opt"
USER_INSIDE = 1000
SCRATCH_FILES = 10_000

_ROOM = ("outputs", "scratch")
_DEVICES = ("null", "zero", "random", "urandom")
_ETC = {
    "passwd": f"analyst:x:{USER_INSIDE}:{USER_INSIDE}::/tmp:/bin/false\n",
    "group": f"analyst:x:{USER_INSIDE}:\n",
    "hosts": "127.0.0.1 localhost enclave\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    # Shown to every job, so that the self-test sees that Landlock alone refuses it.
    "walled": "nothing\n",
}
_VALUES = {
    **dict.fromkeys(("--ro-bind", "--bind", "--dev-bind", "--symlink", "--setenv"), 2),
    **dict.fromkeys(("--chdir", "--hostname", "--uid", "--gid", "--cap-drop", "--remount-ro"), 1),
}
_SHOWN = ("--ro-bind", "--bind", "--dev-bind")
_WALLS = [
    "--unshare-all",
    "--unshare-user",
    "--disable-userns",
    "--new-session",
    "--die-with-parent",
    "--cap-drop",
    "ALL",
    "--hostname",
    "enclave",
    "--uid",
    str(USER_INSIDE),
    "--gid",
    str(USER_INSIDE),
    "--chdir",
    "/code",
]


def enter(order: SandboxOrder) -> tuple[int, int]:
    """Enter private namespaces; return the uid and gid under which bubblewrap must start."""
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        kernel.unshare(kernel.NEW_MOUNTS)
        uid = gid = order.uid
    else:
        kernel.unshare(kernel.NEW_USERS | kernel.NEW_MOUNTS)
        kernel.map_own_user(uid, gid)
    kernel.make_mounts_private()
    return uid, gid


def build(order: SandboxOrder, owner: tuple[int, int]) -> list[str]:
    """Mount the stage and return bubblewrap's arguments; outputs will belong to `owner`."""
    _check_apart([target for _, target in order.binds])
    # Opened before STAGE is covered, since a source may lie under it.
    sources = [_open(source) for source, _ in order.binds]
    work = _open(order.work)
    kernel.mount_tmpfs(
        STAGE, size=1 << 20, files=2000, owner=(os.getuid(), os.getgid()), mode=0o755
    )
    _show(work, STAGE / "work")
    arguments = []
    for number, (descriptor, (_, target)) in enumerate(zip(sources, order.binds, strict=True)):
        if target.startswith(f"{PROGRAMS}/"):
            _show(descriptor, _made(STAGE / target.lstrip("/")))
            continue
        place = STAGE / f"source-{number}"
        _show(descriptor, place)
        if target in order.sealed and order.data_key is not None:
            place = open_in_memory(place, STAGE / f"opened-{number}", order.data_key)
        arguments += _read_only(place, target)
    _mount_rooms(order.limits, owner)
    return [
        *_WALLS,
        *_libraries(),
        *_programs(),
        *arguments,
        *_rooms(),
        *_etc(),
        *_covers(order.covers),
        *_environment(order.environment),
        "--remount-ro",
        "/",
    ]


def told(arguments: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each of bubblewrap's options that `build` uses, with its values."""
    place = 0
    while place < len(arguments):
        count = _VALUES.get(arguments[place], 0)
        yield arguments[place], list(arguments[place + 1 : place + 1 + count])
        place += 1 + count


def gathered(arguments: Sequence[str]) -> list[str]:
    """Mount all that `arguments` show as one tree; return those that show this tree alone.

    bubblewrap reads the whole table of mounts for each place it shows, twenty times for a job: that
    was a third of what a job cost. The flags are locked by the namespaces that it enters next.
    """
    root = STAGE / "root"
    root.mkdir(mode=0o755)
    others = []
    for option, values in told(arguments):
        if option == "--symlink":
            (root / values[1].lstrip("/")).symlink_to(values[0])
        elif option in _SHOWN:
            source, place = values[0], root / values[1].lstrip("/")
            _made(place).mkdir(exist_ok=True) if Path(source).is_dir() else _made(place).touch()
            kernel.bind(source, place)
            kernel.protect(place, read_only=option == "--ro-bind", devices=option == "--dev-bind")
        else:
            others += [option, *values]
    return ["--dev-bind", str(root), "/", *others]


def _check_apart(targets: list[str]) -> None:
    """Pass if no place lies inside another: making it would write in the folder shown there."""
    for place in targets:
        if any(place.startswith(f"{other}/") for other in targets):
            raise FileExistsError(f"{place} lies inside another folder shown to the job")


def _open(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _show(descriptor: int, place: Path) -> None:
    """Bind an open file or folder at `place`, then let go of it."""
    source = f"/proc/self/fd/{descriptor}"
    if Path(source).is_dir():
        place.mkdir(mode=0o755)
    else:
        place.touch()
    kernel.bind(source, place)
    os.close(descriptor)


def _made(place: Path) -> Path:
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    return place


def _programs() -> list[str]:
    """Show all programs at once: bubblewrap takes a millisecond for each folder it binds."""
    place = STAGE / PROGRAMS.lstrip("/")
    return _read_only(place, PROGRAMS) if place.is_dir() else []


def _read_only(source: Path | str, target: str) -> list[str]:
    return ["--ro-bind", str(source), target]


def _mount_rooms(limits: Limits, owner: tuple[int, int]) -> None:
    """Mount the outputs and the scratch room, each with a quota of bytes and of files."""
    quotas = (
        (limits.output_bytes, limits.output_files),
        (limits.scratch_bytes, SCRATCH_FILES),
    )
    for name, (size, files) in zip(_ROOM, quotas, strict=True):
        (STAGE / name).mkdir()
        kernel.mount_tmpfs(STAGE / name, size=size, files=files, owner=owner, mode=0o700)
    for name in ("tmp", "shm"):
        (STAGE / "scratch" / name).mkdir()
        os.chown(STAGE / "scratch" / name, *owner)


def _rooms() -> list[str]:
    scratch = STAGE / "scratch"
    return [
        *("--bind", str(STAGE / "outputs"), "/outputs"),
        *("--bind", str(scratch / "tmp"), "/tmp"),  # noqa: S108 - the sandbox's own
        *("--bind", str(scratch / "shm"), "/dev/shm"),  # noqa: S108 - the sandbox's own
    ]


def _libraries() -> list[str]:
    """Show shared libraries and four harmless devices: no program, no /proc, no terminal."""
    arguments = []
    for name in ("lib", "lib64"):
        if Path(f"/usr/{name}").is_dir():
            arguments += _read_only(f"/usr/{name}", f"/usr/{name}")
        if Path(f"/{name}").is_symlink():
            arguments += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path(f"/{name}").is_dir():
            arguments += _read_only(f"/{name}", f"/{name}")
    if Path("/usr/share/zoneinfo").is_dir():
        arguments += _read_only("/usr/share/zoneinfo", "/usr/share/zoneinfo")
    for device in _DEVICES:
        arguments += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    return arguments


def _etc() -> list[str]:
    """Write the few files of /etc that libraries read, with nothing of this machine in them."""
    (STAGE / "etc").mkdir(mode=0o755)
    for name, text in _ETC.items():
        (STAGE / "etc" / name).write_text(text, encoding="ascii")
    return _read_only(STAGE / "etc", "/etc")


def _covers(targets: Iterable[str]) -> list[str]:
    (STAGE / "empty").mkdir(mode=0o755)
    return [part for target in targets for part in _read_only(STAGE / "empty", target)]


def _environment(values: dict[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in ("--setenv", name, value)]
