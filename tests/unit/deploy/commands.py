"""The command line, asked what it takes."""

from typing import Any

import typer

from ecluse.cli import app


def takes(words: list[str]) -> bool:
    """Whether the command line knows this command and each of its options."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    options = {name for one in command.params for name in one.opts}
    return {word for word in words if word.startswith("--")} <= options
