"""The forms that this site publishes; a version once published is never changed."""

import json
from functools import cache
from pathlib import Path

import ecluse
from ecluse.domain import forms
from ecluse.domain.errors import NotFound
from ecluse.domain.forms import FormVersion

FOLDER = Path(ecluse.__file__).parent / "schemas" / "forms"
FORM, VERSION = "data-access-application", 1
"""The form that a new file begins with."""


@cache
def load(form: str, version: int) -> FormVersion:
    """Return a version of a form. Raises NotFound."""
    path = FOLDER / f"{form}.v{version}.json"
    if not path.is_file():
        raise NotFound(f"Form {form} version {version} is not installed: update this software.")
    return forms.parse(json.loads(path.read_text(encoding="utf-8")))
