"""A person works in a real notebook, through the door, in the real sandbox."""

import io
import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.data.agent.workshops import Workshop
from ecluse.data.enclave.jobs import run_job
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.workspaces import homes
from ecluse.data.workspaces.sessions import End
from ecluse.domain.documents import Revocation
from tests.unit.data.agent.worlds import SENT_AT
from tests.unit.data.studies import NOW
from tests.unit.data.workspaces.halls import (
    LAB,
    NUMBER,
    PERSON,
    Running,
    eventually,
    granted,
    needs_notebook,
    running,
    websocket,
)

pytestmark = needs_notebook
CLOSED = (websocket.WebSocketConnectionClosedException, ConnectionError)
"""What a client sees of a closed channel: a closing frame, or a reset if it wrote first."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hall whose homes are sealed every half second."""
    with running(granted(tmp_path_factory.mktemp("world")), seal_seconds=0.5) as hall:
        yield hall


def restored(live: Running, folder: Path) -> dict[str, bytes]:
    """What is sealed of the home now, opened."""
    workshop = Workshop(live.world.zone, NUMBER)
    folder.mkdir()
    owner = (os.getuid(), os.getgid())
    index = homes.restore(workshop.home, folder, workshop.key(), owner=owner)
    return {path: (folder / path).read_bytes() for path in index}


def test_a_cell_runs_on_the_extract_of_the_permit(live: Running) -> None:
    kernel = live.kernel(live.enter())

    assert kernel.run("print(6 * 7)") == "42"
    assert kernel.run("import os; print(os.listdir('/data'))") == f"['{NUMBER}-E1']"


@pytest.mark.parametrize(
    "path",
    [
        "lab",
        "lab/api/settings?1",
        "lab/api/settings/@jupyterlab/apputils-extension:themes",
        "lab/api/translations/default",
        "lab/api/themes/@jupyterlab/theme-light-extension/index.css",
        "lab/api/workspaces/default",
        "api/contents?content=1&hash=0",
        "api/kernelspecs",
        "api/sessions",
        "api/me",
    ],
)
def test_the_door_lets_through_what_the_notebook_s_page_asks(live: Running, path: str) -> None:
    assert live.ask("GET", f"{LAB}{path}", key=live.enter())[0] == 200


def test_every_script_style_and_font_of_the_page_is_let_through(live: Running) -> None:
    key, folder = live.enter(), Path(sys.prefix) / "share" / "jupyter" / "lab" / "static"
    one_of_each = {path.suffix: path.name for path in sorted(folder.glob("*.*"))}
    kinds = [".js", ".woff2", ".woff", ".svg"]

    answers = [live.ask("GET", f"{LAB}static/lab/{one_of_each[one]}", key=key)[0] for one in kinds]

    assert answers == [200, 200, 200, 200]


def test_the_page_leaves_out_the_menus_that_the_door_would_refuse(live: Running) -> None:
    _, _, page = live.ask("GET", f"{LAB}lab", key=live.enter())
    shown = json.loads(page.partition(b'type="application/json">')[2].partition(b"</script>")[0])
    left_out = shown["disabledExtensions"]

    assert "@jupyterlab/docmanager-extension:download" in left_out
    assert "@jupyterlab/notebook-extension:export" in left_out
    assert "@jupyterlab/terminal-extension" in left_out
    assert shown["buildCheck"] is False


def test_a_notebook_is_made_saved_and_found_again(live: Running) -> None:
    key = live.enter()
    made = live.json("POST", "api/contents", key=key, told={"type": "notebook"})["path"]
    read = live.json("GET", f"api/contents/{made}?type=notebook&content=1", key=key)
    told = {"type": "notebook", "format": "json", "content": read["content"]}

    live.json("PUT", f"api/contents/{made}", key=key, told=told)
    live.json("POST", f"api/contents/{made}/checkpoints", key=key)

    assert [one["path"] for one in live.json("GET", "api/contents", key=key)["content"]].count(
        made
    ) == 1


def test_the_workspace_is_ready_within_eight_seconds(live: Running) -> None:
    live.do(lambda: live.hall.close(NUMBER, End.CUT))

    took = eventually(lambda: bool(live.enter()), seconds=8)

    assert took < 8


def test_the_notebook_has_no_network_and_no_secret_of_the_machine(live: Running) -> None:
    kernel = live.kernel(live.enter())
    reach = "import socket\ntry:\n  socket.socket()\nexcept OSError as error:\n  print(error.errno)"

    assert kernel.run(reach) == "97"
    assert kernel.run("import os; print(sorted(os.listdir('/run')))") == "['lab', 'token']"
    assert kernel.run("open('/proc/1/environ')") == "FileNotFoundError"
    assert kernel.run("open('/opt/workspace/lab.py', 'w')") == "OSError"


def test_a_file_written_in_the_browser_is_there_for_code_and_sealed_on_the_disk(
    live: Running, tmp_path: Path
) -> None:
    key = live.enter()
    written = {"type": "file", "format": "text", "content": "x = 1\n"}
    live.json("PUT", "api/contents/first.py", key=key, told=written)
    eventually(lambda: b"x = 1" in _sealed_text(live), seconds=10)

    found = restored(live, tmp_path / "opened")

    assert found["first.py"] == b"x = 1\n"
    assert not any(b"x = 1" in path.read_bytes() for path in _sealed(live))


def test_a_home_is_found_again_after_the_workspace_was_closed(live: Running) -> None:
    kernel = live.kernel(live.enter())
    kernel.run("open('kept.txt', 'w').write('still here'); print('ok')")
    live.do(lambda: live.hall.close(NUMBER, End.CUT))

    again = live.kernel(live.enter())

    assert again.run("print(open('kept.txt').read())") == "still here"


def test_a_stage_killed_at_once_loses_no_more_than_what_was_not_yet_sealed(live: Running) -> None:
    kernel = live.kernel(live.enter())
    kernel.run("open('old.txt', 'w').write('sealed'); print('ok')")
    eventually(lambda: b"sealed" in _sealed_text(live), seconds=10)
    stage = live.hall.opened[NUMBER].workspace.stage
    os.kill(stage.pid, signal.SIGKILL)
    eventually(lambda: NUMBER not in live.hall.opened, seconds=5)

    again = live.kernel(live.enter())

    assert again.run("print(open('old.txt').read())") == "sealed"


def test_proposed_outputs_are_kept_sealed_and_links_are_left(live: Running) -> None:
    kernel = live.kernel(live.enter())
    kernel.run("open('outputs/table.csv', 'w').write('n\\n40\\n'); print('ok')")
    kernel.run("import os; os.symlink('/run/token', 'outputs/link.csv'); print('ok')")

    bundle = live.do(lambda: live.hall.propose(NUMBER, by=PERSON))

    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.namelist() == ["analysis.py", "outputs/table.csv"]
        assert archive.read("outputs/table.csv") == b"n\n40\n"
    kept = live.hall.opened[NUMBER].workspace.plan.work / "proposed-1" / "table.csv"
    assert b"40" not in kept.read_bytes()
    assert live.told[-1]["refused"] == 1


def test_what_is_proposed_runs_as_an_analysis_and_is_collected(
    live: Running, tmp_path: Path
) -> None:
    kernel = live.kernel(live.enter())
    kernel.run("open('outputs/table.csv', 'w').write('n\\n40\\n'); print('ok')")
    (tmp_path / "bundle.zip").write_bytes(live.do(lambda: live.hall.propose(NUMBER, by=PERSON)))
    (tmp_path / "data").mkdir()

    result = run_job(
        job_number="J1",
        code_zip=tmp_path / "bundle.zip",
        entry="analysis.py",
        data=tmp_path / "data",
        work=tmp_path / "work",
        limits=Limits(),
        uid=uid_for(7),
    )

    assert [file.name for file in result.outputs] == ["table.csv"]


def test_a_session_idle_for_half_an_hour_ends_and_its_channel_closes(live: Running) -> None:
    key = live.enter()
    kernel = live.kernel(key)

    live.clock.advance(timedelta(minutes=31))
    eventually(lambda: not live.hall.sessions.of(), seconds=3)

    with pytest.raises(CLOSED):
        kernel.run("print('late')")
    assert live.ask("GET", f"{LAB}lab", key=key)[0] == 403
    live.clock.now = NOW


def test_a_person_is_in_one_workspace_at_a_time(live: Running) -> None:
    first = live.enter()

    second = live.enter()

    assert live.ask("GET", f"{LAB}api/status", key=first)[0] == 403
    assert live.ask("GET", f"{LAB}api/status", key=second)[0] == 200


def test_a_revocation_cuts_a_live_session_within_five_seconds(tmp_path: Path) -> None:
    with running(granted(tmp_path)) as live:
        kernel = live.kernel(live.enter())
        live.world.send(Revocation(NUMBER, SENT_AT, "Misuse."))
        live.world.step()

        took = eventually(lambda: live.told[-1]["action"] == "workspace.closed", seconds=5)
        with pytest.raises((websocket.WebSocketException, OSError)):
            kernel.run("print('still here')")

    assert took < 5
    assert live.told[-1]["reason"] == "no-right"


def _sealed(live: Running) -> list[Path]:
    return [path for path in Workshop(live.world.zone, NUMBER).home.iterdir() if path.is_file()]


def _sealed_text(live: Running) -> bytes:
    """All that is sealed of the home, opened and put together."""
    workshop = Workshop(live.world.zone, NUMBER)
    try:
        index = homes.read_index(workshop.home, workshop.key())
        return b"".join(homes.read(workshop.home, kept, workshop.key()) for kept in index.values())
    except FileNotFoundError:  # sealed again meanwhile
        return json.dumps("again").encode()
