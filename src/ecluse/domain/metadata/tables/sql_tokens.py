"""The words of a SQL script, comments left out: what the reader of table definitions goes by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ecluse.domain.errors import InvalidInput


class Kind(Enum):
    """What a token is. A `NAME` was quoted; a `WORD` was not, and may be a keyword."""

    WORD = 1
    NAME = 2
    STRING = 3
    NUMBER = 4
    SIGN = 5


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its text (of a name or a string, what was between the quotes).

    `keyword`: the text of a word or a sign in upper case, empty for the other kinds.
    """

    kind: Kind
    text: str
    keyword: str = ""

    def says(self, *words: str) -> bool:
        """Whether it is one of these keywords or signs, in upper case."""
        return self.keyword in words


# Each alternative is told by its first signs and never goes back, whatever the text. A line that
# begins with a backslash is for psql.
PLAIN: Final = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|\\[^\n]*)
      | (?P<word>[^\W\d][\w$\#]*)
      | (?P<number>\d[\w.]*)
      | (?P<dollar>\$\w*\$)
      | (?P<sign>.)""",
    re.VERBOSE,
)
QUOTES: Final = frozenset("\"`'")
TOKENS_MOST: Final = 400_000
"""About what defines a thousand tables."""
BRACKETED: Final = re.compile(r"\[([^\W\d][^\]\n]{0,127})\]")
"""A name as SQL Server quotes it; `[]` and `[3]` after a type are of arrays."""


def tokens(script: str) -> Iterator[Token]:
    """Yield the tokens of a script as they are asked for.

    Raises:
        InvalidInput: a quote or a comment is never closed, or the script is too long.
    """
    for count, token in enumerate(_tokens(script)):
        if count == TOKENS_MOST:
            raise InvalidInput(f"The script has over {TOKENS_MOST:,} words: give it in parts.")
        yield token


def _tokens(script: str) -> Iterator[Token]:
    at = 0
    while at < len(script):
        if script.startswith("/*", at):
            at = _after(script, "*/", at + 2)
        elif script[at] in QUOTES:
            token, at = _between_quotes(script, at)
            yield token
        elif bracketed := BRACKETED.match(script, at):
            yield Token(Kind.NAME, bracketed[1])
            at = bracketed.end()
        else:
            token_or_none, at = _plain(script, at)
            if token_or_none:
                yield token_or_none


def _plain(script: str, at: int) -> tuple[Token | None, int]:
    found = PLAIN.match(script, at)
    if found is None:  # a line's end is blank, so this never is
        return None, at + 1
    kind, text = found.lastgroup, found[0]
    if kind == "blank":
        return None, found.end()
    if kind == "dollar":
        end = _after(script, text, found.end())
        return Token(Kind.STRING, script[found.end() : end - len(text)]), end
    if kind == "number":
        return Token(Kind.NUMBER, text), found.end()
    return Token(Kind.WORD if kind == "word" else Kind.SIGN, text, text.upper()), found.end()


def _between_quotes(script: str, at: int) -> tuple[Token, int]:
    """Read a quoted text, in which a quote written twice stands for one."""
    quote, parts, start = script[at], [], at + 1
    while True:
        end = _after(script, quote, start)
        parts.append(script[start : end - 1])
        if not script.startswith(quote, end):
            break
        parts.append(quote)
        start = end + 1
    kind = Kind.STRING if quote == "'" else Kind.NAME
    return Token(kind, "".join(parts)), end


def _after(script: str, closing: str, start: int) -> int:
    """Return the place after the next `closing`."""
    found = script.find(closing, start)
    if found < 0:
        line = script.count("\n", 0, start) + 1
        raise InvalidInput(
            f"Line {line} of the script opens a quote or a comment that nothing closes: close it, "
            "or give the definitions of tables alone."
        )
    return found + len(closing)
