"""The labels in force, as values of a facet: what grants them comes after in the flow.

The assembled site names what knows them (ECLUSE_LABEL_LETTERS); a site without labels names none.
"""

from collections.abc import Mapping

from django.conf import settings
from django.utils.module_loading import import_string


def labelled() -> Mapping[int, tuple[str, list[int]]]:
    """Return each letter with the keys of its datasets, by a key that no other value has."""
    name = getattr(settings, "ECLUSE_LABEL_LETTERS", "")
    letters: dict[str, list[int]] = {}
    for dataset, letter in (import_string(name)() if name else {}).items():
        letters.setdefault(letter, []).append(dataset)
    pairs = enumerate(sorted(letters), start=1)
    return {-number: (letter, letters[letter]) for number, letter in pairs}
