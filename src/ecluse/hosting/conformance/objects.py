"""What is tried of objects: whole, in pieces, listed, written once."""

import base64
import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ecluse.hosting.conformance.bench import Bench, Check, expect, expect_refused
from ecluse.hosting.stores.multipart import PART_BYTES

LISTED: Final = 1100
"""More than the 1,000 keys of one page."""
WRITERS: Final = 8
MANY_PARTS: Final = 3
PRECONDITION_FAILED: Final = 412


def _bytes(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 — content, not a secret


def put_and_get(bench: Bench) -> None:
    """An object comes back as it was."""
    key, data = bench.key(), _bytes(100_000, 1)
    bench.store.put_if_absent(key, data)
    expect(b"".join(bench.store.stream(key)) == data, "Other bytes came back.")
    found = bench.store.head(key)
    expect(found is not None and found.size == len(data), "HEAD gives another size.")


def empty(bench: Bench) -> None:
    """An object may be empty."""
    key = bench.key()
    bench.store.put_if_absent(key, b"")
    found = bench.store.head(key)
    expect(found is not None and found.size == 0, "An empty object is not there, or not empty.")


def ranges(bench: Bench) -> None:
    """A range gives these bytes and no other, at the start, inside and at the end."""
    key, data = bench.key(), _bytes(70_000, 2)
    bench.store.put_if_absent(key, data)
    for start, length in ((0, 1), (65_535, 2), (69_990, 10), (1, 69_999)):
        got = bench.store.read(key, start=start, length=length)
        expect(got == data[start : start + length], f"Bytes {start}+{length} are others.")
    expect(b"".join(bench.store.stream(key, start=69_000)) == data[69_000:], "A tail is another.")


def listing(bench: Bench) -> None:
    """A listing names every object of several pages once, right after the writes."""
    with ThreadPoolExecutor(WRITERS) as pool:
        keys = {f"listed/{number:04}" for number in range(LISTED)}
        list(pool.map(lambda key: bench.store.put_if_absent(key, b""), sorted(keys)))
    found = [stored.key for stored in bench.store.list("listed/")]
    expect(len(found) == LISTED and set(found) == keys, f"{len(found)} of {LISTED} are listed.")


def names(bench: Bench) -> None:
    """The characters that our keys use are kept as they are."""
    key = f"{bench.key()}/ER_PRS_F=2023-01/a+b@c,(d)~e-f.parquet"
    bench.store.put_if_absent(key, b"name")
    listed = [stored.key for stored in bench.store.list(key.rpartition("/")[0] + "/")]
    expect(listed == [key], f"The key is listed as {listed}.")
    expect(bench.raw.send("GET", key).content == b"name", "The key does not give its object.")


def absent(bench: Bench) -> None:
    """What is absent is said to be; deleting it is no error."""
    key = bench.key()
    expect(bench.store.head(key) is None, "An object that was never put is there.")
    bench.store.delete(key)


def deleted(bench: Bench) -> None:
    """A deletion is seen at once, by HEAD and in listings."""
    key = bench.key()
    bench.store.put_if_absent(key, b"soon gone")
    bench.store.delete(key)
    expect(bench.store.head(key) is None, "A deleted object is still there.")
    expect(not list(bench.store.list(key)), "A deleted object is still listed.")


def parts(bench: Bench) -> None:
    """An object sent in parts is one object, byte for byte."""
    key, data = bench.key(), _bytes(MANY_PARTS * PART_BYTES + 12_345, 3)
    upload = bench.store.upload(key, size=len(data))
    upload.write(data)
    upload.finish()
    digest = hashlib.sha256()
    for piece in bench.store.stream(key):
        digest.update(piece)
    expect(digest.digest() == hashlib.sha256(data).digest(), "Parts give other bytes.")


def resumed(bench: Bench) -> None:
    """An upload whose sender died is found again, with the parts received."""
    key, data = bench.key(), _bytes(2 * PART_BYTES + 99, 4)
    first = bench.store.upload(key, size=len(data))
    first.write(data[: PART_BYTES + 10])
    expect(bench.store.head(key) is None, "An unfinished object is visible.")
    second = bench.store.upload(key, size=len(data))
    expect(second.received == PART_BYTES, f"{second.received} of {PART_BYTES} bytes are found.")
    second.write(data[second.received :])
    second.finish()
    expect(b"".join(bench.store.stream(key)) == data, "A resumed object has other bytes.")


def created_once(bench: Bench) -> None:
    """A second creation is refused and changes nothing (If-None-Match: *)."""
    key = bench.key()
    bench.raw.send("PUT", key, body=b"first")
    answer = bench.raw.send("PUT", key, body=b"second", headers={"if-none-match": "*"})
    expect(answer.status_code == PRECONDITION_FAILED, f"It answers {answer.status_code}.")
    expect(bench.raw.send("GET", key).content == b"first", "The object was written over.")


def created_by_one(bench: Bench) -> None:
    """Of eight creations at the same instant exactly one succeeds, and its bytes stay."""
    key = bench.key()

    def create(number: int) -> bool:
        answer = bench.raw.send("PUT", key, body=b"%d" % number, headers={"if-none-match": "*"})
        return answer.is_success

    with ThreadPoolExecutor(WRITERS) as pool:
        won = [number for number, is_won in enumerate(pool.map(create, range(WRITERS))) if is_won]
    expect(len(won) == 1, f"{len(won)} creations succeeded.")
    expect(bench.raw.send("GET", key).content == b"%d" % won[0], "A loser's bytes stayed.")


def fresh_etag(bench: Bench) -> None:
    """A replacement of the version that one has read succeeds (If-Match)."""
    key = bench.key()
    etag = bench.raw.send("PUT", key, body=b"first").headers.get("etag", "")
    answer = bench.raw.send("PUT", key, body=b"second", headers={"if-match": etag})
    expect(answer.is_success, f"It answers {answer.status_code}.")


def stale_etag(bench: Bench) -> None:
    """A replacement of a version that is no more is refused (If-Match)."""
    key = bench.key()
    etag = bench.raw.send("PUT", key, body=b"first").headers.get("etag", "")
    bench.raw.send("PUT", key, body=b"second")
    expect_refused(
        bench.raw.send("PUT", key, body=b"third", headers={"if-match": etag}), "A stale If-Match"
    )


def wrong_md5(bench: Bench) -> None:
    """Bytes that are not those of their Content-MD5 are refused."""
    told = base64.b64encode(hashlib.md5(b"others", usedforsecurity=False).digest()).decode()
    answer = bench.raw.send("PUT", bench.key(), body=b"these", headers={"content-md5": told})
    expect_refused(answer, "A wrong Content-MD5")


def wrong_sha256(bench: Bench) -> None:
    """Bytes that are not those of their x-amz-checksum-sha256 are refused."""
    told = base64.b64encode(hashlib.sha256(b"others").digest()).decode()
    headers = {"x-amz-checksum-sha256": told}
    answer = bench.raw.send("PUT", bench.key(), body=b"these", headers=headers)
    expect_refused(answer, "A wrong x-amz-checksum-sha256")


CHECKS: Final = (
    Check("put-get", "Un objet revient tel quel", put_and_get),
    Check("empty", "Un objet peut être vide", empty),
    Check("ranges", "Une plage d'octets est exacte", ranges),
    Check("listing", "1 100 objets sont listés aussitôt, une fois chacun", listing),
    Check("names", "Les noms sont gardés à la lettre", names),
    Check("absent", "Un absent est dit absent", absent),
    Check("deleted", "Une suppression se voit aussitôt", deleted),
    Check("parts", "Un envoi par morceaux est exact", parts),
    Check("resumed", "Un envoi interrompu se reprend", resumed),
    Check("created-once", "Une seconde création est refusée", created_once),
    Check("created-by-one", "De huit créations simultanées, une réussit", created_by_one),
    Check("wrong-md5", "Un MD5 faux est refusé", wrong_md5),
    Check("wrong-sha256", "Un SHA-256 faux est refusé", wrong_sha256, required=False),
    Check("fresh-etag", "If-Match à jour est accepté", fresh_etag, required=False),
    Check("stale-etag", "If-Match périmé est refusé", stale_etag, required=False),
)
