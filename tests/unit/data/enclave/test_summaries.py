"""What is said outside of how a job ended."""

from pathlib import Path

import pytest

from ecluse.data.enclave.summaries import plain_exit_code, summarise

FILES = ("analysis.py",)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "analysis.py").write_text("a = 1\nb = 0\na / b\n")
    return tmp_path


def summary(code: Path, stderr: str, exit_code: int = 1) -> str:
    (code / "stderr").write_text(stderr)
    return summarise(exit_code, code / "stderr", files=FILES, code_folder=code)


def test_an_error_is_named_with_its_place_and_without_its_message(code: Path) -> None:
    stderr = (
        'Traceback:\n  File "/code/analysis.py", line 3, in <module>\nValueError: NIR 1 84 ...\n'
    )

    assert summary(code, stderr) == "exit code 1: ValueError at analysis.py line 3"


def test_the_place_is_the_users_own_code_not_the_library_it_called(code: Path) -> None:
    stderr = (
        '  File "/code/analysis.py", line 2, in <module>\n'
        '  File "/opt/site/duckdb/__init__.py", line 80, in sql\n'
        "_duckdb.BinderException: Binder Error: a value\n"
    )

    assert summary(code, stderr) == "exit code 1: duckdb.BinderException at analysis.py line 2"


def test_a_class_named_after_a_value_is_not_repeated(code: Path) -> None:
    assert summary(code, "Patient_1840775123456: boom\n") == "exit code 1: an error"


def test_a_place_that_does_not_exist_is_not_repeated(code: Path) -> None:
    stderr = (
        '  File "/code/analysis.py", line 75012\n  File "/code/Dupont.py", line 1\nKeyError: 1\n'
    )

    assert summary(code, stderr) == "exit code 1: KeyError"


def test_a_success_says_so(code: Path) -> None:
    assert summary(code, "anything", 0) == "exit code 0"


def test_a_signal_is_named(code: Path) -> None:
    assert summary(code, "anything", 137) == "exit code 137: ended by SIGKILL"


def test_an_exit_code_cannot_spell_a_value() -> None:
    assert plain_exit_code(0) == 0
    assert plain_exit_code(2) == 2
    assert plain_exit_code(137) == 137
    assert plain_exit_code(84) == 1
