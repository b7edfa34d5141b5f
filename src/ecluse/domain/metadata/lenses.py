"""One part of a description as an answer, and back: what the answer does not speak of stays.

A lens is a pair: how the answer is read from a description, and how it is written into one, which
raises ValueError for what it cannot read.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeVar

from ecluse.domain.metadata import code_lists as lists
from ecluse.domain.metadata.agents import Agent, Contact
from ecluse.domain.metadata.code_lists import CodeList
from ecluse.domain.metadata.datasets import DatasetDescription, ProtectedPart
from ecluse.domain.metadata.values import Activity, Concept, Period, Statement, Text

Said = DatasetDescription
Answer = str | tuple[str, ...]
Read = Callable[[Said], Answer]
Write = Callable[[Said, Any], Said]
Lens = tuple[Read, Write]
Value = TypeVar("Value")
LONGEST_NUMBER: Final = 15
GROUNDS: Final = ("intellectual-property", "trade-secret", "regulatory-protection")
"""The grounds on which a part is protected. Source: EHDS art. 52."""


def changed(value: Value, **members: Any) -> Value:
    """Return the value with other members, whose names are data here."""
    whole: Any = value
    return replace(whole, **members)  # type: ignore[no-any-return]


def words(member: str, language: str) -> Lens:
    """The words of a member in one language; those of the others stay."""

    def read(said: Said) -> str:
        return next((one.words for one in getattr(said, member) if one.language == language), "")

    def write(said: Said, words: str) -> Said:
        others = tuple(one for one in getattr(said, member) if one.language != language)
        own = (Text(words, language),) if words else ()
        pair = (*own, *others) if language == "fr" else (*others, *own)
        return changed(said, **{member: pair})

    return read, write


def keywords() -> Lens:
    """The French keywords, on one line with commas between."""

    def read(said: Said) -> str:
        return ", ".join(one.words for one in said.keywords if one.language in ("fr", ""))

    def write(said: Said, words: str) -> Said:
        others = tuple(one for one in said.keywords if one.language not in ("fr", ""))
        typed = (word.strip() for word in words.replace(";", ",").replace("\n", ",").split(","))
        own = tuple(Text(word, "fr") for word in dict.fromkeys(typed) if word)
        return changed(said, keywords=(*own, *others))

    return read, write


def codes(member: str, known: CodeList, make: Callable[..., Any] = Concept) -> Lens:
    """The codes ticked of a list; what the list does not offer stays."""

    def read(said: Said) -> tuple[str, ...]:
        found = (known.code(one.address) for one in getattr(said, member))
        return tuple(code for code in found if code)

    def write(said: Said, codes: tuple[str, ...]) -> Said:
        if any(code not in known.words for code in codes):
            raise ValueError(member)
        held = {one.address: one for one in getattr(said, member)}
        others = tuple(one for one in held.values() if known.code(one.address) is None)
        wanted = (known.address(code) for code in codes)
        own = tuple(held.get(address) or make(address=address) for address in wanted)
        return changed(said, **{member: (*own, *others)})

    return read, write


def code(member: str, known: CodeList, make: Callable[..., Any] = Concept) -> Lens:
    """The one code chosen of a list; several that the list offers become that one."""
    read_all, write_all = codes(member, known, make)

    def read(said: Said) -> str:
        return next(iter(read_all(said)), "")

    def write(said: Said, code: str) -> Said:
        return write_all(said, (code,) if code else ())

    return read, write


def number(member: str) -> Lens:
    """A whole number, zero included; spaces between digits count for nothing."""

    def read(said: Said) -> str:
        value = getattr(said, member)
        return "" if value is None else str(value)

    def write(said: Said, typed: str) -> Said:
        digits = "".join(typed.split())
        if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER):
            raise ValueError(member)
        return changed(said, **{member: int(digits) if digits else None})

    return read, write


def statement(member: str, part: str) -> Lens:
    """The French words of the first statement of a member."""

    def read(said: Said) -> str:
        first = next(iter(getattr(said, member)), Statement())
        texts = first.descriptions or first.labels
        return next((one.words for one in texts if one.language == "fr"), "")

    def write(said: Said, words: str) -> Said:
        held = getattr(said, member)
        if words == read(said):
            return said
        first, rest = (held[0] if held else Statement()), held[1:]
        kept = tuple(one for one in getattr(first, part) if one.language != "fr")
        texts = (Text(words, "fr"), *kept) if words else kept
        after = changed(first, **{part: texts})
        stays = after if after != Statement() else None
        return changed(said, **{member: (*((stays,) if stays else ()), *rest)})

    return read, write


def day(which: str) -> Lens:
    """The first or the last day of the period covered."""

    def read(said: Said) -> str:
        edge = getattr(said.temporal[0], which) if said.temporal else None
        return edge.words if edge else ""

    def write(said: Said, typed: str) -> Said:
        if typed == read(said):
            return said
        edge = Text(date.fromisoformat(typed).isoformat(), kind="date") if typed else None
        first = changed(said.temporal[0] if said.temporal else Period(), **{which: edge})
        own = (first,) if first != Period() else ()
        return changed(said, temporal=(*own, *said.temporal[1:]))

    return read, write


def agent_name(member: str) -> Lens:
    """The name of the first organisation of a member."""

    def read(said: Said) -> str:
        names = _agent(said, member).names
        return names[0].words if names else ""

    def write(said: Said, name: str) -> Said:
        held = _agent(said, member)
        if name == read(said):
            return said
        names = (Text(name, "fr"), *held.names[1:]) if name else ()
        return _with_agent(said, member, changed(held, names=names))

    return read, write


def agent_kind(member: str) -> Lens:
    """What sort of organisation the first one of a member is."""
    known = lists.ORGANISATIONS

    def read(said: Said) -> str:
        codes = (known.code(one.address) for one in _agent(said, member).kinds)
        return next((code for code in codes if code), "")

    def write(said: Said, code: str) -> Said:
        if code and code not in known.words:
            raise ValueError(member)
        kinds = (Concept(address=known.address(code)),) if code else ()
        return _with_agent(said, member, changed(_agent(said, member), kinds=kinds))

    return read, write


def _agent(said: Said, member: str) -> Agent:
    held: tuple[Agent, ...] = getattr(said, member)
    return held[0] if held else Agent()


def _with_agent(said: Said, member: str, agent: Agent) -> Said:
    own = (agent,) if agent != Agent() else ()
    return changed(said, **{member: (*own, *getattr(said, member)[1:])})


def contact(part: str, scheme: str = "") -> Lens:
    """An address of whoever answers questions on the dataset."""

    def read(said: Said) -> str:
        first = said.contact_points[0] if said.contact_points else Contact()
        return next(iter(getattr(first, part)), "").removeprefix(scheme)

    def write(said: Said, typed: str) -> Said:
        first = said.contact_points[0] if said.contact_points else Contact()
        kept = getattr(first, part)[1:]
        after = changed(first, **{part: (*((f"{scheme}{typed}",) if typed else ()), *kept)})
        own = (after,) if after != Contact() else ()
        return changed(said, contact_points=(*own, *said.contact_points[1:]))

    return read, write


def structured() -> Lens:
    """Whether the data are tables: `yes`, `no`, or nothing said."""

    def read(said: Said) -> str:
        return "" if said.is_structured is None else ("yes" if said.is_structured else "no")

    def write(said: Said, answer: str) -> Said:
        if answer not in ("", "yes", "no"):
            raise ValueError(answer)
        return changed(said, is_structured={"yes": True, "no": False}.get(answer))

    return read, write


def protected(part: str) -> Lens:
    """A part of the first protected one; without anything said, there is none."""
    nothing = ProtectedPart(part="", ground="")

    def read(said: Said) -> str:
        return str(getattr(said.protected_parts[0], part)) if said.protected_parts else ""

    def write(said: Said, typed: str) -> Said:
        if part == "ground" and typed not in ("", *GROUNDS):
            raise ValueError(typed)
        held = said.protected_parts[0] if said.protected_parts else nothing
        after = changed(held, **{part: typed})
        own = (after,) if after != nothing else ()
        return changed(said, protected_parts=(*own, *said.protected_parts[1:]))

    return read, write


def _activity(*, address: str) -> Activity:
    return Activity(kinds=(Concept(address=address),))


def activities() -> Lens:
    """What the data come from: the list names the kind of an activity, not the activity."""
    known = lists.ACTIVITIES

    def code_of(one: Activity) -> str | None:
        return next((code for kind in one.kinds if (code := known.code(kind.address))), None)

    def read(said: Said) -> tuple[str, ...]:
        return tuple(code for one in said.generated_by if (code := code_of(one)))

    def write(said: Said, codes: tuple[str, ...]) -> Said:
        if any(code not in known.words for code in codes):
            raise ValueError("generated_by")
        held = {code: one for one in said.generated_by if (code := code_of(one))}
        others = tuple(one for one in said.generated_by if code_of(one) is None)
        own = tuple(held.get(code) or _activity(address=known.address(code)) for code in codes)
        return changed(said, generated_by=(*own, *others))

    return read, write
