"""The fields of a record: who fills each, who may read it, which other registers ask the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecluse.domain.errors import InvalidInput

ORIGINS = ("declared", "answered", "added", "computed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the record.

    `origin`: `declared` in words by the provider; `answered` by a choice that the rules read;
    `added` over the system's life; `computed` from the others. `annex_viii`, `atrs` and `chai` are
    the items of AI Act Annex VIII, of the UK ATRS and of the CHAI card that ask the same.
    """

    key: str
    origin: str
    is_public: bool
    title: Mapping[str, str]
    hint: Mapping[str, str]
    annex_viii: tuple[str, ...] = ()
    atrs: tuple[str, ...] = ()
    chai: tuple[str, ...] = ()


def fields_from(table: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields written in a table. Raises InvalidInput: two of one key, or an unknown origin."""
    found = tuple(
        Field(
            key=one["key"],
            origin=one["origin"],
            is_public=one["public"],
            title={"fr": one["title_fr"], "en": one["title_en"]},
            hint={"fr": one.get("hint_fr", ""), "en": one.get("hint_en", "")},
            annex_viii=tuple(one.get("annex_viii", ())),
            atrs=tuple(one.get("atrs", ())),
            chai=tuple(one.get("chai", ())),
        )
        for one in table["fields"]
    )
    keys = [one.key for one in found]
    if len(keys) != len(set(keys)) or {one.origin for one in found} - set(ORIGINS):
        raise InvalidInput("A field is written twice, or has an unknown origin: see the table.")
    return found
