"""Files fetched from the checking room: who is believed, what is held, what is told back."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecluse.data.workspaces.arrivals import scanner
from ecluse.data.workspaces.customs import Customs, read_policy
from ecluse.data.workspaces.importing import Importing
from ecluse.data.workspaces.imports import Policy, Quarantine, What
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.trust import keys
from ecluse.trust.import_orders import Act, ImportOrder, sign
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.zone.sealed_files import draw_data_key
from tests.unit.data.studies import NOW

CAMILLE, SARAH = "camille@univ.example", "sarah@hub.example"
TABLE = b"site,dose\nA,1.5\nB,\n"
ORDER = ImportOrder(
    number=4,
    act=Act.BRING,
    permit_number="FR-2026-0001",
    by=CAMILLE,
    name="doses.csv",
    what="data",
    digest=f"sha256:{hashlib.sha256(TABLE).hexdigest()}",
    columns=(("site", "text"), ("dose", "number")),
)


class Named:
    """A permit in force that names Camille alone."""

    def check(self, permit_number: str, subject: str, *, now: datetime) -> None:
        if subject != CAMILLE:
            raise NotAllowed(f"Permit {permit_number} does not name you.")

    def check_permit(self, permit_number: str, *, now: datetime) -> None:
        """Pass."""


class Bench:
    """One project's customs, and what they wrote."""

    def __init__(self, folder: Path, policy: Policy | None = None) -> None:
        self.told: list[str] = []
        self.room = keys.create_key(folder / "keys", Signer.CHECKING_ROOM, now=NOW)
        held = Quarantine(
            folder / "imports", draw_data_key(), scan=scanner("off"), policy=policy or Policy()
        )
        self.customs = Customs("FR-2026-0001", held, Named(), self.record)
        self.importing = Importing(
            lambda _number: self.customs,
            lambda: Keyring([self.room.public()]),
            folder,
            lambda: NOW,
        )

    def record(self, action: str, *, actor: str, subject: str, **details: str | int) -> None:
        self.told.append(f"{action} {actor}")

    def obey(
        self, order: ImportOrder, content: bytes = TABLE, *, key: SigningKey | None = None
    ) -> dict[str, Any]:
        """What the checking room hears of an order, nothing if the zone does not obey it."""
        with site(content) as (url, heard), ThreadPoolExecutor(1) as own:
            # The thread of the tests may be in the loop of a browser that another test left open.
            own.submit(asyncio.run, self._obey(url, sign(order, key or self.room))).result()
        return heard

    async def _obey(self, url: str, text: str) -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            self.importing.obey([text, text], client, dict)
            begun = [task for task in self.importing._begun.values() if not task.done()]
            await asyncio.gather(*begun)


@contextmanager
def site(content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """The checking room as the zone meets it: it gives a file and keeps what it is told."""
    heard: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_PUT(self) -> None:
            heard[self.path] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()


def test_a_file_is_fetched_held_and_told_then_let_in_by_another(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    told = bench.obey(ORDER)["/workspaces/report/imports/4/bring"]
    (held,) = bench.customs.quarantine.waiting()
    admit = replace(ORDER, act=Act.ADMIT, by=SARAH, held=held.number)

    assert told == {"held": held.number, "findings": [], "rows": 2, "is_in": False}
    assert bench.obey(admit) == {"/workspaces/report/imports/4/admit": {}}
    assert (tmp_path / "imports" / "approved" / "doses.csv").is_file()
    assert bench.told == [f"import.brought {CAMILLE}", f"import.approved {SARAH}"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"by": SARAH}, "does not name you"),
        ({"name": "../doses.csv"}, "no other"),
        ({"name": "doses.exe"}, "Only .csv"),
        ({"digest": "sha256:" + "0" * 64}, "Other bytes"),
        ({"columns": (("site", "words"),)}, "type is one of"),
    ],
)
def test_what_may_not_come_in_is_not_kept_and_says_why(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    bench = Bench(tmp_path)

    told = bench.obey(replace(ORDER, **change))["/workspaces/report/imports/4/bring"]

    assert said in told["failure"]
    assert bench.customs.quarantine.waiting() == ()
    assert list(tmp_path.glob(".arriving-*")) == []


def test_a_person_of_the_permit_lets_nothing_in(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.obey(replace(ORDER, by=CAMILLE))
    (held,) = bench.customs.quarantine.waiting()

    told = bench.obey(replace(ORDER, act=Act.ADMIT, by=CAMILLE, held=held.number))

    assert "of the permit" in told["/workspaces/report/imports/4/admit"]["failure"]
    assert bench.customs.quarantine.waiting() == (held,)


def test_an_order_that_the_checking_room_did_not_sign_does_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    stranger = keys.create_key(tmp_path / "other", Signer.CHECKING_ROOM, now=NOW)

    assert bench.obey(ORDER, key=stranger) == {}
    assert bench.told == []


def test_a_table_that_is_not_what_it_announces_is_held_with_its_findings(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    table = b"site,dose\nA,many\n"
    digest = f"sha256:{hashlib.sha256(table).hexdigest()}"

    told = bench.obey(replace(ORDER, digest=digest), table)["/workspaces/report/imports/4/bring"]

    assert told["findings"] == ["column dose: 1 values are not of type number"]
    assert told["rows"] is None


def test_code_comes_in_at_once_where_the_zone_wants_no_second_person(tmp_path: Path) -> None:
    (tmp_path / "imports.toml").write_text("[code]\nsecond_person = false\n")
    bench = Bench(tmp_path, read_policy(tmp_path / "imports.toml"))
    code = b"minimum = 11\n"
    digest = f"sha256:{hashlib.sha256(code).hexdigest()}"
    order = replace(ORDER, name="tools.py", what="code", digest=digest, columns=())

    told = bench.obey(order, code)["/workspaces/report/imports/4/bring"]

    assert told["is_in"] is True
    assert (tmp_path / "imports" / "approved" / "tools.py").is_file()
    assert bench.customs.quarantine.waiting() == ()


def test_a_zone_narrows_what_comes_in_and_never_widens_it(tmp_path: Path) -> None:
    path = tmp_path / "imports.toml"
    path.write_text('[data]\nsuffixes = [".csv"]\nbytes = 1024\n')
    policy = read_policy(path)

    assert policy.suffixes(What.DATA) == (".csv",)
    assert policy.most_bytes(What.DATA) == 1024
    assert policy.second_person == frozenset(What)
    path.write_text('[data]\nsuffixes = [".csv", ".exe"]\n')
    with pytest.raises(InvalidInput, match="only narrow"):
        read_policy(path)
    path.write_text("[data]\nbytes = 99999999999\n")
    with pytest.raises(InvalidInput, match="only narrow"):
        read_policy(path)
