"""Pseudonyms of national numbers (NIR), made by the trusted third party alone.

The third party holds the key. It pseudonymises a citizen's number when the citizen opts out, and
the number of each person in a delivery: the two meet without anyone else seeing a number. The
opt-out register and BEN_NIR_ANO must use the same function and the same key.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, NoReturn, Protocol

from ecluse.domain.errors import InvalidInput, NotAllowed, SetupIncomplete
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.custody.key_sockets import SocketKey
from ecluse.trust.custody.secrets import Secret
from ecluse.trust.custody.security_modules import Token, TokenSecret, create_secret
from ecluse.trust.custody.token_names import draw_name, read_name, write_name

SHAPE: Final = re.compile(r"[1-478]\d{4}(?:\d\d|2[AB])\d{6}")
KEY_BYTES: Final = 32
ORDERS, MONTHS, YEARS, SEXES = 1000, 12, 100, 2
IN_FILE, IN_TOKEN, IN_SOCKET = "national.key", "national.token", "national.socket"
USE: Final = "national"
NAMING: Final = "ecluse national key id"
LARGEST_RANK: Final = 9
"""Children born together; the national health data number them from 1."""


class NationalKey(Protocol):
    """The trusted third party's key, in its custodian's hands."""

    def derive(self, purpose: str) -> Secret:
        """Return HMAC-SHA-256 of a purpose, or of a number, under this key: 32 bytes."""


@dataclass(frozen=True, slots=True)
class FileNationalKey:
    """The third party's key that was read from a file. Never printed, copied."""

    secret: bytes = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) < KEY_BYTES:
            raise InvalidInput(
                f"The national number key needs {KEY_BYTES} bytes, not {len(self.secret)}."
            )
        object.__setattr__(self, "secret", Secret(self.secret))

    def derive(self, purpose: str) -> Secret:
        """Return HMAC-SHA-256 of `purpose`."""
        return Secret(hmac.digest(self.secret, purpose.encode(), "sha256"))

    def __reduce__(self) -> NoReturn:
        raise NotAllowed("The third party's key is never copied out of its process.")


def load_national_key(folder: Path, token: Token | None = None) -> NationalKey:
    """Return the key kept in `folder`: `national.key`, or a token that `national.token` names.

    Or the key that a process of the third party holds: `national.socket` gives the path where it
    listens.

    Raises:
        SetupIncomplete: neither is there.
        InvalidInput: the key is short, or its token is not set.
    """
    forbid_core_dumps()
    if (folder / IN_SOCKET).exists():
        return SocketKey(Path((folder / IN_SOCKET).read_text(encoding="utf-8").strip()))
    named, path = folder / IN_TOKEN, folder / IN_FILE
    if named.exists():
        if token is None:
            raise InvalidInput(f"{named} names a key in a token: say which module opens it.")
        return TokenSecret(token, USE, read_name(named)[1])
    try:
        return FileNationalKey(path.read_bytes())
    except OSError as error:
        raise SetupIncomplete(
            f"{path} cannot be read: ask the trusted third party for its key, or run `ecluse demo`."
        ) from error


def create_national_key(folder: Path, token: Token) -> TokenSecret:
    """Have a security module make the third party's key, which never leaves it, and name it here.

    Raises:
        InvalidInput: there is a key already: every pseudonym of the register comes from it.
        SetupIncomplete, NotFound, Unreachable: as `create_secret`.
    """
    path = folder / IN_TOKEN
    if path.exists() or any((folder / one).exists() for one in (IN_FILE, IN_SOCKET)):
        raise InvalidInput(f"{folder} has the third party's key: another would name nobody again.")
    made = create_secret(token, USE, draw_name(USE))
    key_id = hashlib.sha256(made.derive(NAMING)).hexdigest()[:16]
    write_name(path, key_id=f"national-{key_id}", name=made.name)
    return made


def name_person(number: str, key: NationalKey) -> str:
    """Return the lifelong pseudonym of a national number, as `pseudonymise_national_number` does.

    In a security module the same function runs there: the key never leaves it. Raises InvalidInput.
    """
    return key.derive(checked_number(number)).hex().upper()


def name_claimant(
    insured: str, *, born_on: date, is_male: bool, rank: int | None, key: NationalKey
) -> str:
    """Return the pseudonym of somebody known through the number of who insures them.

    Children born together, of one sex, share it but for their `rank`, from 1: without it the
    identifier is that of all of them, since nobody can tell which. Raises InvalidInput.
    """
    if rank is not None and not 1 <= rank <= LARGEST_RANK:
        raise InvalidInput(f"A rank among children born together goes from 1 to {LARGEST_RANK}.")
    sex = 1 if is_male else 2
    shared = key.derive(f"{checked_number(insured)}\0{born_on:%Y-%m}\0{sex}").hex().upper()
    return shared if rank is None else f"{shared}{rank}"


def checked_number(number: str) -> str:
    """Return a national number without its spaces. Raises InvalidInput, which does not repeat it.

    A provisional number has the same shape, and begins with 3, 4, 7 or 8.
    """
    compact = "".join(number.split()).upper()
    if not SHAPE.fullmatch(compact):
        raise InvalidInput(
            "This is not a national number: give its 13 characters, without the control key."
        )
    return compact


def pseudonymise_national_number(number: str, key: bytes) -> str:
    """Return the lifelong pseudonym of a 13-character national number: 64 hexadecimal digits.

    Spaces are ignored; the two digits of the control key must be left out. HMAC-SHA-256: without
    the key, trying every possible number gives nothing.

    Raises:
        InvalidInput: not the shape of a national number, or a key shorter than 32 bytes.
    """
    if len(key) < KEY_BYTES:
        raise InvalidInput(f"The national number key needs {KEY_BYTES} bytes, not {len(key)}.")
    return hmac.new(key, checked_number(number).encode(), hashlib.sha256).hexdigest().upper()


def synthetic_national_number(index: int) -> str:
    """Return the fictitious national number of the synthetic person `index`, from 0.

    Birthplace 99 000: department 99 is "born abroad" and no country has the code 000, so that no
    living person has such a number.

    Raises:
        InvalidInput: no number is left for this index.
    """
    order = index % ORDERS
    month = index // ORDERS % MONTHS
    year = index // (ORDERS * MONTHS) % YEARS
    sex = index // (ORDERS * MONTHS * YEARS)
    if not 0 <= sex < SEXES:
        raise InvalidInput(f"Index {index} is out of range: use 0 to 2,399,999.")
    return f"{sex + 1}{year:02d}{month + 1:02d}99000{order:03d}"
