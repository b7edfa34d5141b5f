"""PNG images: only the chunks that make the picture, so that nothing travels beside it."""

import struct
import zlib

from ecluse.domain.disclosure import DisclosurePolicy, finding
from ecluse.domain.documents import Finding

_MAGIC = b"\x89PNG\r\n\x1a\n"
_PICTURE = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"pHYs",
    b"sRGB",
    b"gAMA",
    b"cHRM",
    b"sBIT",
}
_SMALL = {b"pHYs": 9, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32, b"sBIT": 4, b"tRNS": 256, b"PLTE": 768}
_HEADER_BYTES = 12
_MAXIMUM_PIXELS = 25_000_000


class _NotAPicture(Exception):
    """Why the bytes are not one plain PNG."""


def check(data: bytes, policy: DisclosurePolicy) -> list[Finding]:
    """Return what stands against the image; at least that somebody must look at it."""
    try:
        chunks = _chunks(data)
        _check_size(chunks)
    except _NotAPicture as reason:
        return [finding("T2", "image", str(reason), policy)]
    beside = sum(1 for kind, _ in chunks if kind not in _PICTURE)
    if beside:
        text = f"{beside} chunks beside the picture (text, metadata): save it without them"
        return [finding("T2", "image", text, policy)]
    return [finding("T3", "image", "a picture: look for points that are single persons", policy)]


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Read every chunk to the last byte, its checksum included."""
    if not data.startswith(_MAGIC):
        raise _NotAPicture("not PNG, whatever its name says")
    position, chunks = len(_MAGIC), []
    while position < len(data):
        kind, content = _chunk(data, position)
        chunks.append((kind, content))
        position += _HEADER_BYTES + len(content)
        if kind == b"IEND":
            break
    if not chunks or chunks[-1][0] != b"IEND" or chunks[0][0] != b"IHDR":
        raise _NotAPicture("not complete: its first or its last chunk is missing")
    if position != len(data):
        raise _NotAPicture(f"{len(data) - position} bytes follow the end of the image")
    return chunks


def _chunk(data: bytes, position: int) -> tuple[bytes, bytes]:
    head = data[position : position + 8]
    if len(head) < struct.calcsize(">I4s"):
        raise _NotAPicture("cut off in the middle of a chunk")
    length, kind = struct.unpack(">I4s", head)
    content = data[position + 8 : position + 8 + length]
    checksum = data[position + 8 + length : position + _HEADER_BYTES + length]
    if checksum != struct.pack(">I", zlib.crc32(kind + content)):
        raise _NotAPicture("a chunk does not match its checksum")
    if length > _SMALL.get(kind, length):
        raise _NotAPicture("a chunk holds more than its purpose needs")
    return kind, content


def _check_size(chunks: list[tuple[bytes, bytes]]) -> None:
    """Pass if the pixels are as many as announced: bytes after them would be seen by nobody."""
    if len(chunks[0][1]) != struct.calcsize(">IIBBBBB"):
        raise _NotAPicture("its header is not that of a PNG")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 0)
    if not 0 < width * height <= _MAXIMUM_PIXELS or not samples or interlace:
        raise _NotAPicture(f"more than {_MAXIMUM_PIXELS} pixels, interlaced, or of unknown colours")
    expected = height * (1 + (width * depth * samples + 7) // 8)
    packed = b"".join(content for kind, content in chunks if kind == b"IDAT")
    unpacker = zlib.decompressobj()
    try:
        pixels = unpacker.decompress(packed, expected + 1)
    except zlib.error:
        raise _NotAPicture("its pixels cannot be unpacked") from None
    if len(pixels) != expected or not unpacker.eof or unpacker.unused_data:
        raise _NotAPicture("it holds more or fewer bytes than its pixels")
