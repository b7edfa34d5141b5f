"""One entry of the journal: who did what to what, when, and on which document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from ecluse.domain import codec
from ecluse.domain.documents import Document
from ecluse.domain.errors import Malformed
from ecluse.trust import canonical

Details = Mapping[str, str | int]
MAX_LINE_BYTES: Final = (1 << 16) - 1
"""So that an entry fits the bundles of the published tile layout."""
_MEMBERS = frozenset({"action", "actor", "at", "details", "digest", "sequence", "subject"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. The first `sequence` is 1; `digest` names the document concerned."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    digest: str | None = None
    details: Details = field(default_factory=dict)

    def line(self) -> bytes:
        """Return the canonical bytes of the entry, without end of line: a leaf of the tree.

        Raises:
            Malformed: a detail that is neither text nor an integer, or an entry that is too long.
        """
        line = canonical.encode(
            {
                "action": self.action,
                "actor": self.actor,
                "at": codec.format_instant(self.at),
                "details": _checked(dict(self.details)),
                "digest": self.digest,
                "sequence": self.sequence,
                "subject": self.subject,
            }
        )
        if len(line) > MAX_LINE_BYTES:
            raise Malformed(f"A journal entry has at most {MAX_LINE_BYTES} bytes: shorten it.")
        return line

    @classmethod
    def parse(cls, line: bytes) -> "Entry":
        """Return the entry of one line. Raises Malformed."""
        value = canonical.decode(line)
        if not isinstance(value, dict) or value.keys() != _MEMBERS:
            raise Malformed("A journal entry has seven members, from `action` to `subject`.")
        return cls(
            sequence=_number(value["sequence"]),
            at=codec.parse_instant(_text(value["at"])),
            actor=_text(value["actor"]),
            action=_text(value["action"]),
            subject=_text(value["subject"]),
            digest=None if value["digest"] is None else _text(value["digest"]),
            details=_checked(value["details"]),
        )


def document_details(document: Document) -> Details:
    """Return the details that let two journals be compared: the kind and issuer of a document.

    For the entries `document.sent`, `document.received` and `document.refused`.
    """
    return {"issuer": document.issuer.value, "kind": document.kind}


def _text(value: codec.JSON) -> str:
    if not isinstance(value, str):
        raise Malformed("A member of a journal entry is not text.")
    return value


def _number(value: codec.JSON) -> int:
    if type(value) is not int or value < 1:
        raise Malformed("The sequence of a journal entry is not a number from 1.")
    return value


def _checked(value: object) -> dict[str, str | int]:
    if not isinstance(value, dict):
        raise Malformed("The details of a journal entry are not an object.")
    if any(type(item) not in (str, int) for item in value.values()):
        raise Malformed("A detail of a journal entry is neither text nor an integer.")
    return cast(dict[str, str | int], value)
