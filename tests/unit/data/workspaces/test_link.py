"""The link to the checking room: what it tells, how fast it closes, what silence does."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ecluse.data.workspaces import logs, news
from ecluse.data.workspaces.news import Link
from ecluse.domain.documents import Signer
from ecluse.trust import keys
from ecluse.trust.journal import files
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.journal.verification import verify
from ecluse.trust.keys import Keyring
from tests.unit.data.studies import NOW
from tests.unit.data.workspaces.halls import (
    NUMBER,
    PERSON,
    Running,
    eventually,
    granted,
    needs_notebook,
    running,
)


class Site:
    """The checking room as the zone meets it: it keeps what it is told, answers what is set."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {"close": [], "leave": []}
        self.put: dict[str, bytes] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                site.told.append(json.loads(body))
                data = json.dumps(site.answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_PUT(self) -> None:
                site.put[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def linked(live: Running) -> Iterator[Site]:
    """The link of a running hall to a site, until the block ends."""
    site = Site()
    threading.Thread(target=site.server.serve_forever, daemon=True).start()
    link = Link(live.hall, site.url, live.world.keys[Signer.AGENT])
    work = asyncio.run_coroutine_threadsafe(link.run(), live.loop)
    try:
        yield site
    finally:
        work.cancel()
        site.server.shutdown()
        site.server.server_close()


@needs_notebook
def test_a_closure_is_carried_out_within_five_seconds_and_told(tmp_path: Path) -> None:
    with running(granted(tmp_path)) as live, linked(live) as site:
        live.kernel(live.enter())
        eventually(lambda: bool(site.told and site.told[-1]["workspaces"]), seconds=5)
        before = site.told[-1]
        site.answer = {"close": [{"number": 7, "permit": NUMBER}], "leave": []}

        took = eventually(lambda: not live.hall.opened, seconds=5)
        eventually(lambda: site.told[-1]["done"] == [7], seconds=5)

    assert took < 5
    assert before["sessions"][0]["subject"] == PERSON
    assert before["workspaces"][0]["memory_bytes"] > 10_000_000
    assert site.told[-1]["sessions"] == []


@needs_notebook
def test_who_must_leave_leaves_and_the_workspace_stays_for_the_others(tmp_path: Path) -> None:
    with running(granted(tmp_path)) as live, linked(live) as site:
        live.enter()
        number = live.hall.sessions.of()[0].number
        site.answer = {"close": [], "leave": [number]}

        eventually(lambda: not live.hall.sessions.of(), seconds=5)

        assert NUMBER in live.hall.opened


@needs_notebook
def test_sessions_end_when_the_checking_room_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "SILENCE_SECONDS", 1.0)
    with running(granted(tmp_path)) as live:
        live.enter()
        link = Link(live.hall, "http://127.0.0.1:9", live.world.keys[Signer.AGENT])
        work = asyncio.run_coroutine_threadsafe(link.run(), live.loop)

        eventually(lambda: not live.hall.sessions.of(), seconds=5)
        work.cancel()

    assert [one["reason"] for one in live.told if one["action"] == "workspace.left"] == ["no-news"]


def test_the_exported_journal_proves_itself_with_its_own_files(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path / "keys", Signer.AGENT, now=NOW)
    keyring = Keyring([key.public()])
    with FileJournal(tmp_path / "journal", origin="ecluse/workspaces-1", key=key) as journal:
        journal.append("workspace.entered", actor=PERSON, subject=f"permit {NUMBER}", at=NOW)

    made = logs.export(tmp_path / "journal", tmp_path / "bundle", keyring)

    told = files.read(made / "journal.jsonl")
    found = verify(told.lines, told.checkpoints, Keyring.load(made / "keyring.json"))
    assert found.problem is None


@needs_notebook
def test_a_proposal_is_sent_and_one_that_is_empty_says_why(tmp_path: Path) -> None:
    with running(granted(tmp_path)) as live, linked(live) as site:
        live.kernel(live.enter()).run("open('outputs/t.csv', 'w').write('n'); print('ok')")
        asked = {"permit": NUMBER, "by": PERSON}
        nowhere = {"number": 2, "permit": "FR-2026-0009", "by": PERSON}
        site.answer = {"close": [], "leave": [], "propose": [{**asked, "number": 1}, nowhere]}

        eventually(lambda: len(site.put) == 2, seconds=15)

    sent = site.put["/workspaces/proposals/1/bundle"]
    assert sent.startswith(b"PK")
    assert b"Enter the workspace first" in site.put["/workspaces/proposals/2/failure"]
