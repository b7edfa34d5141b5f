"""Whom an installation trusts about its journals: the file `witnesses.toml`.

quorum = 2
witnesses = ["cnil.example+0a1b2c3d+BAbc…", "ministere.example+…", "tiers.example+…"]
authorities = ["horodatage.pem"]
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography import x509

from ecluse.domain.errors import InvalidInput, Malformed
from ecluse.trust.journal.cosignatures import Policy, WitnessKey
from ecluse.trust.journal.stamps import load_roots

FILE: Final = "witnesses.toml"


@dataclass(frozen=True, slots=True)
class Trusted:
    """How many of which witnesses must cosign, and the roots of the stamping authorities."""

    policy: Policy
    roots: tuple[x509.Certificate, ...]

    @classmethod
    def nobody(cls) -> Self:
        """Return the policy of an installation that names no witness."""
        return cls(Policy((), 0), ())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return what a file says; certificates are named beside it.

        Without `quorum`, every witness must cosign.

        Raises:
            InvalidInput: the file is absent, or not of this form.
        """
        try:
            value = tomllib.loads(path.read_text(encoding="utf-8"))
            witnesses = tuple(WitnessKey.parse(str(one)) for one in value.get("witnesses", []))
            policy = Policy(witnesses, int(value.get("quorum", len(witnesses))))
            roots = [path.parent / str(one) for one in value.get("authorities", [])]
        except (OSError, ValueError, TypeError, Malformed) as error:
            raise InvalidInput(f"{path} does not say whom to trust: {error}") from error
        return cls(policy, load_roots(roots))

    @classmethod
    def of_home(cls, home: Path) -> Self:
        """Return what `witnesses.toml` of an installation says; nobody, without it."""
        path = home / FILE
        return cls.load(path) if path.exists() else cls.nobody()
