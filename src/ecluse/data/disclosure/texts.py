"""Free text: short, visible, without pseudonyms; then only eyes can judge it."""

from ecluse.data.disclosure.tables import NotATable, decoded
from ecluse.domain.disclosure import DisclosurePolicy, contains_pseudonym, finding
from ecluse.domain.documents import Finding

MAXIMUM_BYTES = 100_000


def check(data: bytes, policy: DisclosurePolicy) -> list[Finding]:
    """Return what stands against the text; at least that somebody must read it."""
    if len(data) > MAXIMUM_BYTES:
        text = f"{len(data)} bytes of text: at most {MAXIMUM_BYTES}"
        return [finding("T1", "file", text, policy)]
    try:
        text = decoded(data)
    except NotATable as reason:
        return [finding("T2", reason.place, reason.text, policy)]
    found = [finding("T3", "file", "free text: read it whole", policy)]
    found += [
        finding(
            "P1", f"line {number}", "has the form of a pseudonym: 64 hexadecimal digits", policy
        )
        for number, line in enumerate(text.splitlines(), start=1)
        if contains_pseudonym(line)
    ]
    return found
