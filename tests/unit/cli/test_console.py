import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ecluse.cli import console
from ecluse.domain.errors import Expired


def fail_expired() -> None:
    raise Expired("Permit HDH-2026-0001 ended on 2026-01-05: ask for its renewal.")


def fail_by_a_defect() -> None:
    raise KeyError("2-85-05-78-006-084-36")


def interrupt() -> None:
    raise KeyboardInterrupt


def test_an_error_is_said_on_standard_error_with_its_own_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code = console.run_command(fail_expired, json=False)

    said = capsys.readouterr()
    assert exit_code == 15
    assert said.out == ""
    assert "HDH-2026-0001" in said.err


def test_an_error_in_json_is_an_object_with_code_and_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.run_command(fail_expired, json=True)

    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "expired"
    assert error["message"].startswith("Permit HDH-2026-0001")


def test_ctrl_c_ends_with_130() -> None:
    assert console.run_command(interrupt, json=False) == 130


def test_a_defect_says_where_it_is_and_never_the_value_that_it_met(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code = console.run_command(fail_by_a_defect, json=False)

    said = capsys.readouterr().err
    assert exit_code == 1
    assert "KeyError" in said
    assert "test_console" in said
    assert "2-85-05" not in said


def test_a_missing_package_is_named_with_how_to_install_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code = console.run_command(lambda: import_module("absent_package.engine"), json=False)

    said = capsys.readouterr().err
    assert exit_code == 71
    assert "absent_package" in said
    assert "pip install" in said


def test_a_result_for_machines_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    console.emit({"rows": 3}, json=True, render=fail_by_a_defect)

    assert json.loads(capsys.readouterr().out) == {"rows": 3}


def test_a_result_for_people_is_rendered(capsys: pytest.CaptureFixture[str]) -> None:
    console.emit({"rows": 3}, json=False, render=lambda: sys.stdout.write("trois lignes"))

    assert capsys.readouterr().out == "trois lignes"


def test_progress_leaves_standard_output_to_the_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with console.progress("Chargement"):
        pass

    assert capsys.readouterr().out == ""


def test_the_command_line_starts_without_django_or_an_engine() -> None:
    heavy = "{'django', 'duckdb', 'pyarrow', 'numpy', 'psycopg'}"
    code = f"import sys, ecluse.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_an_unknown_command_ends_with_2_and_in_json_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecluse", "nonsense", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"


def test_the_version_is_printed_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecluse", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("0.")


def codes() -> set[str]:
    """The codes of every class of error, also of modules that nothing here imports."""
    sources = Path(console.__file__).parents[1].rglob("*.py")
    texts = (source.read_text(encoding="utf-8") for source in sources)
    return {code for text in texts for code in re.findall(r'^    code = "([a-z-]+)"$', text, re.M)}


def test_every_error_is_named_in_french() -> None:
    abstract = {"error", "refused"}

    assert len(codes()) > 20
    assert codes() - abstract - set(console.ERRORS) == set()
