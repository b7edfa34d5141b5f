"""Verify a journal of Écluse offline: this one file, Python 3.11 or later, nothing else.

    python3 verify.py journal.jsonl --key agent-0123456789abcdef.pub
    python3 verify.py folder-of-tiles/ --key keyring.json --witness 'name+hash+key' --quorum 2

1. Every checkpoint (`<file>.checkpoints`, or the folder `checkpoint/`) is signed by a key that you
   gave (Ed25519), all by one signer for one journal.
2. The entries, hashed as a Merkle tree (RFC 6962), have the root that each checkpoint signed: not a
   bit of one was changed, none was removed, added or moved; entry n says that it is number n.
3. The checkpoints of `--seen`, kept elsewhere, lie on the same tree: nothing was cut off the end.
4. With `--quorum N`, N of the `--witness` keys cosigned one checkpoint (`<file>.cosigned`, or the
   folder `cosigned/`): you are not shown another past than they were.
Exit code 0 when all holds, else 1.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import Pool
from pathlib import Path
from typing import Any

WIDTH = 256  # entries in a bundle, the unit of work
GROUP = 1024  # entries that a crash may leave after the last checkpoint: they never counted
Point = tuple[int, int, int, int]
Keys = dict[str, tuple[bytes, str]]
Slice = tuple[str, int, int | None]

# 1. Ed25519 (RFC 8032), verification only. Points are (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(p: Point, q: Point) -> Point:
    """Return the sum of two points."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p: Point) -> Point:
    """Return twice a point: `add(p, p)` in fewer steps."""
    a, b, c = p[0] * p[0], p[1] * p[1], 2 * p[2] * p[2]
    e, g, h = (p[0] + p[1]) ** 2 - a - b, b - a, -a - b
    f = (g - c) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode_point(data: bytes) -> Point:
    """Return the point that 32 bytes encode. Raises ValueError."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decode_point(bytes([0x58] + [0x66] * 31))


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a 64-byte signature of `message` is by the 32-byte key `public`."""
    s = int.from_bytes(signature[32:], "little")
    x, y, z, t = decode_point(public)
    minus_a = (P - x, y, z, P - t)
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    # s·B - k·A, both at once, one bit after the other.
    terms, point = (None, BASE, minus_a, add(BASE, minus_a)), (0, 1, 1, 0)
    for bit in range(252, -1, -1):
        point, term = double(point), terms[(s >> bit & 1) + 2 * (k >> bit & 1)]
        point = add(point, term) if term else point
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return s < L and (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# 2. Keys, and checkpoints: C2SP formats signed-note, tlog-checkpoint, tlog-cosignature.
def exact_base64(text: str, length: int) -> bytes:
    """Return the bytes of the only base64 spelling that they have. Raises ValueError."""
    data = base64.b64decode(text, validate=True)
    if len(data) != length or base64.b64encode(data).decode() != text:
        raise ValueError("base64 of another length or spelling")
    return data


def read_keys(paths: Iterable[str]) -> Keys:
    """Return {name: (public key, signer)} of `.pub` files and keyrings, revoked keys left out."""
    keys = {}
    for path in paths:
        value = json.loads(Path(path).read_bytes())
        for one in value.get("keys", [value]):
            public = base64.urlsafe_b64decode(one["public"] + "=")
            if one["key_id"] != f"{one['signer']}-{hashlib.sha256(public).hexdigest()[:16]}":
                raise ValueError(f"key {one['key_id']} does not bear its own name")
            if one.get("revoked_at") is None:
                keys[one["key_id"]] = public, one["signer"]
    return keys


def key_hash(name: str, kind: int, public: bytes) -> bytes:
    """Return the 4 bytes that name a key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def read_note(task: tuple[str, Keys]) -> tuple[int, bytes, tuple[str, str]]:
    """Return size, root, and (journal, signer) of a signed note. Raises ValueError."""
    text, keys = task
    body, _, signatures = text.partition("\n\n")
    (origin, digits, root), (dash, name, value) = (
        body.split("\n"),
        signatures.split("\n")[0].split(" "),
    )
    if dash != "—" or name not in keys or not signatures.endswith("\n"):
        raise ValueError(f"not a checkpoint, or its key {name[:60]!r} was not given")
    (public, signer), data, message = keys[name], exact_base64(value, 68), f"{body}\n".encode()
    holds = data[:4] == key_hash(name, 1, public) and signature_holds(public, message, data[4:])
    if not holds or str(int(digits)) != digits:
        raise ValueError(f"the signature of {name} does not hold")
    return int(digits), exact_base64(root, 32), (origin, signer)


def count_cosignatures(text: str, witnesses: Iterable[str]) -> int:
    """Return how many of the witnesses, given as verifier keys, cosigned a note."""
    body, _, signatures = text.partition("\n\n")
    found = set()
    for vkey in witnesses:
        name, hashed, encoded = vkey.split("+", 2)
        public = base64.b64decode(encoded)[1:]
        for line in signatures.split("\n"):
            if line.startswith(f"— {name} "):
                data = exact_base64(line.split(" ")[2], 76)
                at = int.from_bytes(data[4:12], "big")
                message = f"cosignature/v1\ntime {at}\n{body}\n".encode()
                if data[:4] == key_hash(name, 4, public) == bytes.fromhex(hashed):
                    found |= {public} if signature_holds(public, message, data[12:]) else set()
    return len(found)


# 3. The tree. The complete subtrees of n leaves, largest first, are its nodes.
def join(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(nodes: list[bytes], count: int, value: bytes) -> None:
    """Add the hash that comes after `count` others."""
    while count & 1:
        value, count = join(nodes.pop(), value), count >> 1
    nodes.append(value)


def root_of(nodes: list[bytes]) -> bytes:
    """Return the root over the complete subtrees; there is at least one."""
    value = nodes[-1]
    for left in reversed(nodes[:-1]):
        value = join(left, value)
    return value


def sequence(entry: bytes) -> object:
    """Return the number that an entry gives itself."""
    try:
        return json.loads(entry)["sequence"]
    except (ValueError, TypeError, KeyError):
        return None


def split(data: bytes) -> Iterator[bytes]:
    """Yield the entries of a bundle of the tile layout, each after its length in two bytes."""
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        yield data[at + 2 : end]
        at = end


def hash_bundle(task: tuple[Slice, int, set[int]]) -> tuple[dict[int, list[bytes]], int | None]:
    """Return the nodes of the first n entries for each n wanted, and the first misnumbered one."""
    (path, start, end), first, wanted = task
    with Path(path).open("rb") as file:
        file.seek(start)
        data = file.read(-1 if end is None else end - start)
    entries = split(data) if end is None else data.removesuffix(b"\n").split(b"\n")
    nodes: list[bytes] = []
    found, wrong = {}, None
    for count, entry in enumerate(entries):
        push(nodes, count, hashlib.sha256(b"\x00" + entry).digest())
        if count + 1 in wanted:
            found[count + 1] = list(nodes)
        if wrong is None and sequence(entry) != first + count:
            wrong = first + count
    return found, wrong


def spread(function: Callable[[Any], Any], tasks: list[Any]) -> Iterator[Any]:
    """Yield what a function returns of each task, in order, on every core when there are many."""
    if len(tasks) < WIDTH // 4:
        yield from map(function, tasks)
    else:
        with Pool() as pool:
            yield from pool.imap(function, tasks, chunksize=8)


# 4. The two forms of a journal, a file of lines or a folder of tiles; then all together.
def bundles_of_file(path: str, size: int) -> tuple[list[Slice], bool]:
    """Return the bytes of each bundle, and whether what lies beyond `size` lines is of a crash."""
    at, start, beyond = 0, 0, []
    bundles: list[Slice] = []
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number > size:
                beyond.append(line)
                continue
            at += len(line)
            if number % WIDTH == 0 or number == size:
                bundles.append((path, start, at))
                start = at
    bundles += [(path, start, at)] if start != at else []
    follows = all(sequence(line) == n for n, line in enumerate(beyond[:-1], start=size + 1))
    return bundles, follows and len(beyond) <= GROUP


def bundles_of_folder(folder: str, size: int) -> tuple[list[Slice], bool]:
    """Return the same of a folder of tiles (C2SP tlog-tiles), where nothing lies beyond."""
    bundles: list[Slice] = []
    for index in range(-(-size // WIDTH)):
        width, left, name = min(WIDTH, size - index * WIDTH), index // 1000, f"{index % 1000:03}"
        while left:
            left, name = left // 1000, f"x{left % 1000:03}/{name}"
        part = f".p/{width}" if width < WIDTH else ""
        bundles.append((f"{folder}/tile/entries/{name}{part}", 0, None))
    return bundles, True


def problems_of(bundles: list[Slice], roots: dict[int, bytes], size: int) -> Iterator[str]:
    """Yield what is wrong with the entries: `roots` gives what was signed or seen of each size."""
    wanted: dict[int, set[int]] = {}
    for one in {*roots, size} - {0}:
        wanted.setdefault((one - 1) // WIDTH, {WIDTH}).add((one - 1) % WIDTH + 1)
    tasks = [(one, n * WIDTH + 1, wanted.get(n, {WIDTH})) for n, one in enumerate(bundles)]
    nodes: list[bytes] = []
    held = last = 0
    for index, (found, wrong) in enumerate(spread(hash_bundle, tasks)):
        if wrong is not None:
            yield f"entry {wrong} does not bear its number"
        for count in sorted(found):
            last = index * WIDTH + count
            if last in roots and root_of(nodes + found[count]) != roots[last]:
                yield f"entries {held + 1} to {last} are not what checkpoint {last} signed"
                return
            held = last if last in roots else held
        if WIDTH in found:
            push(nodes, index, found[WIDTH][0])
    if last != size:
        yield f"the last checkpoint signed {size} entries: they are not all here"


def notes_of(journal: Path, kind: str) -> list[str]:
    """Return the notes of a folder, or of a file of JSON texts whose torn last line is left out."""
    if journal.is_dir():
        return [one.read_text("utf-8") for one in journal.glob(f"{kind}/*")]
    path = Path(f"{journal}.{kind.replace('checkpoint', 'checkpoints')}")
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    notes = [json.loads(line) for line in lines]
    if [json.dumps(note, ensure_ascii=False).encode() for note in notes] != lines:
        raise ValueError(f"{path} is not in its only spelling")
    return notes


def verify(options: Any) -> Iterator[str]:
    """Yield what is wrong with a journal; nothing when all holds. Raises ValueError too."""
    path, keys = Path(options.journal), read_keys(options.key)
    texts, cosigned = notes_of(path, "checkpoint"), notes_of(path, "cosigned")
    elsewhere = [*cosigned, *(Path(one).read_text("utf-8") for one in options.seen)]
    notes = list(spread(read_note, [(text, keys) for text in texts + elsewhere]))
    if len({owner for _, _, owner in notes}) != 1:
        yield "the checkpoints are not of one journal and one signer"
    roots: dict[int, bytes] = {}
    for count, root, _ in notes:
        if roots.setdefault(count, root) != root:
            yield f"two pasts of {count} entries were signed"
    size = max((count for count, _, _ in notes[: len(texts)]), default=0)
    if max(roots, default=0) > size:
        yield f"{max(roots)} entries were seen elsewhere, and {size} are here: it was cut"
    bundles, is_crash = (bundles_of_folder if path.is_dir() else bundles_of_file)(str(path), size)
    if not is_crash:
        yield f"entries from {size + 1} on lie under no checkpoint"
    yield from problems_of(bundles, {n: r for n, r in roots.items() if n <= size}, size)
    most = max((count_cosignatures(one, options.witness) for one in cosigned), default=0)
    if most < options.quorum:
        yield f"at most {most} witnesses cosigned one checkpoint, of {options.quorum} asked"
    sys.stderr.write(f"{size} entries, {len(texts)} checkpoints, {most} witnesses.\n")


def main() -> None:
    """Read the command line, verify, say what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("journal", help="file of entries, or folder of tiles")
    parser.add_argument("--key", action="append", required=True, help="public key or keyring")
    parser.add_argument("--seen", action="append", default=[], help="checkpoint kept elsewhere")
    parser.add_argument("--witness", action="append", default=[], help="its key: name+hash+key")
    parser.add_argument("--quorum", type=int, default=0, help="witnesses that must have cosigned")
    try:
        problems = list(verify(parser.parse_args()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        problems = [f"it cannot be read: {error}"]
    sys.stdout.write("".join(f"BROKEN: {one}\n" for one in problems) or "The journal holds.\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
