"""What the operator sets for a secure zone, in its file `zone.toml`; absent, everything by default.

job_data_bytes = 8589934592         # memory for the opened extract of a job
policy = "SNDS-2026"                # figures of the rules on outputs: see `schemas/disclosure`
backend = "bubblewrap"              # where jobs run; or "gvisor", or "cluster" with its table

[cluster]
kubectl = ["kubectl", "--context", "zone"]
image = "registry.example/ecluse@sha256:…"
volume_claim = "projects"
volume = "/srv/projects"            # where that volume is mounted on this machine
runtime_class = "gvisor"            # if the cluster has one

[quotas]                            # of each project: see `ecluse.domain.workflows.quotas`
weekly_hours = 168

[tokens.first]                      # pseudonyms, level 1; also `second`, and `zone`
library = "/usr/lib/softhsm/libsofthsm2.so"
token = "custodian-1"
pin = "credential:first-pin"        # or "descriptor:3"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows import Quotas, read_quotas
from ecluse.trust.custody.pins import Pin
from ecluse.trust.custody.security_modules import USES, Token

FILE: Final = "zone.toml"
KEYS: Final = frozenset({"library", "token", "pin"})
KNOWN: Final = ("job_data_bytes", "policy", "backend", "cluster", "quotas", "tokens")
DATA_BYTES: Final = 8 << 30
POLICY: Final = "SNDS-2026"
BACKENDS: Final = ("bubblewrap", "gvisor", "cluster")


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """The cluster that runs jobs, and how it is spoken to."""

    kubectl: tuple[str, ...]
    image: str
    volume_claim: str
    volume: Path
    runtime_class: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """Which keys are in tokens, what jobs and projects may use, by which figures outputs leave."""

    tokens: Mapping[str, Token] = field(default_factory=dict)
    job_data_bytes: int = DATA_BYTES
    quotas: Quotas = field(default_factory=Quotas)
    policy: str = POLICY
    backend: str = BACKENDS[0]
    cluster: ClusterSettings | None = None

    @classmethod
    def load(cls, zone: Path) -> "ZoneSettings":
        """Return the settings of a zone.

        Raises:
            InvalidInput: the file sets something that does not exist, or in another way.
            SetupIncomplete: a key is in a token, and the package for tokens is missing.
        """
        path = zone / FILE
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise InvalidInput(f"{path} is not TOML: see `ecluse.trust.zone.settings`.") from None
        unknown = told.keys() - KNOWN
        size, policy = told.get("job_data_bytes", DATA_BYTES), told.get("policy", POLICY)
        tokens = told.get("tokens", {})
        is_read = type(size) is int and isinstance(tokens, dict) and isinstance(policy, str)
        if unknown or not is_read or size < 1:
            raise InvalidInput(
                f"{path} sets what does not exist, or in another way: {', '.join(KNOWN)} do."
            )
        return cls(
            tokens={use: _token(path, use, one) for use, one in tokens.items()},
            job_data_bytes=size,
            quotas=read_quotas(told.get("quotas", {})),
            policy=policy,
            backend=_backend(path, told),
            cluster=_cluster(path, told.get("cluster")),
        )


def _backend(path: Path, told: Mapping[str, Any]) -> str:
    chosen = told.get("backend", BACKENDS[0])
    if chosen not in BACKENDS or (chosen == "cluster") != ("cluster" in told):
        raise InvalidInput(
            f"{path}: backend is one of {', '.join(BACKENDS)}; the last with a table [cluster]."
        )
    return str(chosen)


def _cluster(path: Path, told: Any) -> ClusterSettings | None:
    if told is None:
        return None
    texts = ("image", "volume_claim", "volume")
    command = told.get("kubectl", ["kubectl"]) if isinstance(told, dict) else None
    if not isinstance(command, list) or not command or not all(map(_is_text, command)):
        raise InvalidInput(f"{path}: the kubectl of [cluster] is a list of texts.")
    runtime = told.get("runtime_class")
    is_known = not told.keys() - {*texts, "kubectl", "runtime_class"}
    if not is_known or not all(_is_text(told.get(name)) for name in texts):
        raise InvalidInput(f"{path}: [cluster] gives {', '.join(texts)}, as texts.")
    if runtime is not None and not _is_text(runtime):
        raise InvalidInput(f"{path}: the runtime_class of [cluster] is a text.")
    return ClusterSettings(
        tuple(command), told["image"], told["volume_claim"], Path(told["volume"]), runtime
    )


def _is_text(told: object) -> bool:
    return isinstance(told, str) and bool(told)


def _token(path: Path, use: str, told: Any) -> Token:
    if use not in USES or not isinstance(told, dict) or told.keys() != KEYS:
        raise InvalidInput(
            f"{path}: a token is for {', '.join(USES)}, with {', '.join(sorted(KEYS))}."
        )
    if not all(isinstance(value, str) for value in told.values()):
        raise InvalidInput(f"{path}: library, token and pin of {use} are texts.")
    return Token(Path(told["library"]), told["token"], Pin(told["pin"]))
