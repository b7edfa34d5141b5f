"""The frameworks that come with the product: their numbers, and our own summaries.

    [controls]
    "9.2" = { what = "…", probes = ["database-rights"] }
    "7.1" = { what = "…", why = "organisation" }

Each control names the probes that look at it, or why there is none (`domain.posture.Ground`).
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.posture import Control, Framework, Ground

NAMES: Final = ("secnumcloud", "hds", "snds", "asvs")
_FOLDER: Final = files("ecluse.hosting.posture") / "frameworks"


def load(name: str) -> Framework:
    """Return a framework. Raises InvalidInput: none has this name, or its file is wrong."""
    if name not in NAMES:
        raise InvalidInput(f"{name!r} is not a framework: {', '.join(NAMES)}.")
    return parse((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def load_all() -> tuple[Framework, ...]:
    """Return every framework."""
    return tuple(map(load, NAMES))


def parse(text: str) -> Framework:
    """Return the framework that a file describes. Raises InvalidInput."""
    try:
        told = tomllib.loads(text)
        families = told["families"]
        controls = tuple(_control(n, one, families) for n, one in told["controls"].items())
        return Framework(told["id"], told["title"], told["source"], told.get("note", ""), controls)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"This describes no framework ({type(error).__name__}: {error})."
        ) from None


def _control(number: str, told: Mapping[str, Any], families: Mapping[str, str]) -> Control:
    probes, why = tuple(told.get("probes", ())), told.get("why")
    if bool(probes) == (why is not None):
        raise ValueError(f"{number} has either probes or a reason why there is none")
    family = families[number.partition(".")[0]]
    return Control(number, family, told["what"], probes, Ground(why) if why else None)
