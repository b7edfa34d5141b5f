"""Bytes that stay in this process: keys, and what derives from them."""

from typing import Final, NoReturn

from ecluse.domain.errors import NotAllowed

KEY_BYTES: Final = 32


class Secret(bytes):
    """Bytes that no message, traceback or debugger shows by mistake, and that are never pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} secret bytes>"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise NotAllowed("A secret is never copied out of its process.")
