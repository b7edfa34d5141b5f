"""What differs between two versions of a form, and what becomes of answers that pass over."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ecluse.domain.forms.conditions import answer_to, is_empty
from ecluse.domain.forms.model import Field, FormVersion, Kind

_TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL})
_IN_WORDS = ("label", "help", "article", "formerly", "copies", "visibility", "prefill")
"""Members that change what a person reads, never whether an answer is good."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A field of both versions; `members` are those that differ, in the order of `Field`."""

    before: Field
    after: Field
    members: tuple[str, ...]

    @property
    def is_wording(self) -> bool:
        """Whether what is asked is the same, told in other words."""
        return all(member in _IN_WORDS for member in self.members)


@dataclass(frozen=True, slots=True)
class Changes:
    """Fields outside groups that a version adds, takes away or changes, each in its own order."""

    added: tuple[Field, ...]
    removed: tuple[Field, ...]
    changed: tuple[Changed, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both versions ask the same."""
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Carried:
    """Answers taken over by another version, by field id; `lost` are old fields left behind."""

    answers: Mapping[str, object]
    lost: tuple[Field, ...]


def compare(before: FormVersion, after: FormVersion) -> Changes:
    """What `after` asks otherwise than `before`."""
    old = {field.id: field for field in before.fields()}
    pairs = {field.id: _source(field, old) for field in after.fields()}
    kept = set(pairs.values())
    changed = (
        Changed(old[pairs[field.id] or ""], field, _differing(old[pairs[field.id] or ""], field))
        for field in after.fields()
        if pairs[field.id]
    )
    return Changes(
        added=tuple(field for field in after.fields() if not pairs[field.id]),
        removed=tuple(field for field in before.fields() if field.id not in kept),
        changed=tuple(change for change in changed if change.members),
    )


def _source(field: Field, old: Mapping[str, Field]) -> str | None:
    """The name that the field had before, or None for a new one."""
    return next((name for name in (field.id, field.formerly) if name and name in old), None)


def _differing(before: Field, after: Field) -> tuple[str, ...]:
    names = (member.name for member in fields(Field))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def carry(before: FormVersion, after: FormVersion, answers: object) -> Carried:
    """Take the answers given under `before` over to `after`.

    An answer goes where its question went, under its new name, if the new question takes an answer
    of that shape; it may have become wrong (`answers.problems` tells). Never raises.
    """
    old = {field.id: field for field in before.fields()}
    taken: dict[str, object] = {}
    used: set[str] = set()
    for field in after.fields():
        source = _source(field, old)
        answer = answer_to(answers, source or "")
        if source and answer is not None and _has_same_shape(old[source], field):
            taken[field.id] = answer
            used.add(source)
    left = (f for f in old.values() if f.id not in used and not is_empty(answer_to(answers, f.id)))
    return Carried(taken, tuple(left))


def _has_same_shape(before: Field, after: Field) -> bool:
    both = {before.kind, after.kind}
    return len(both) == 1 or both <= _TEXTS or both <= {Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE}


def copied(before: FormVersion, after: FormVersion, answers: object) -> dict[str, object]:
    """What a new file under `after` may take over: nothing dated, attested or attached."""
    carried = carry(before, after, answers).answers
    return {
        field.id: carried[field.id]
        for field in after.fields()
        if field.id in carried and field.copies and field.kind is not Kind.ATTACHMENT
    }
