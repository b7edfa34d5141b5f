"""Stores by their address: `file:///srv/replica`, `s3+https://host/bucket/prefix/`, `azure+https://…`.

Identities never stand in an address: they are read from the environment, by the name of the host.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.hosting.stores.folders import FolderStore
from ecluse.hosting.stores.interface import Store
from ecluse.hosting.stores.signed_requests import Bucket, Credentials


def open_store(
    address: str, *, host: str, environment: Mapping[str, str], region: str = "us-east-1"
) -> Store:
    """Return the store at `address`, as the identity that the environment gives for `host`.

    For host `new-host` those are `ECLUSE_NEW_HOST_ACCESS_KEY` and `ECLUSE_NEW_HOST_SECRET_KEY`.

    Raises:
        InvalidInput: the address is of no kind known, or holds a password.
        SetupIncomplete: an identity is missing from the environment.
    """
    parts = urlsplit(address)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidInput(f"The address of {host} holds more than a place: give keys apart.")
    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    kind, _, scheme = parts.scheme.partition("+")
    name, _, prefix = parts.path.strip("/").partition("/")
    if kind not in ("s3", "azure") or scheme not in ("http", "https") or not name:
        raise InvalidInput(
            f"{address[:80]!r} is not an address: file:///folder, s3+https://host/bucket/prefix or "
            "azure+https://host/container."
        )
    endpoint = f"{scheme}://{parts.netloc}"
    keys = credentials(host, environment)
    if kind == "azure":
        from ecluse.hosting.stores.azure import AzureStore  # noqa: PLC0415 — rarely of use

        return AzureStore(
            endpoint=endpoint, container=name, account=keys.access_key, key=keys.secret_key
        )
    from ecluse.hosting.stores.s3 import S3Store  # noqa: PLC0415 — folders need no obstore

    prefix = f"{prefix}/" if prefix else ""
    return S3Store(Bucket(endpoint, name, region), keys, prefix=prefix)


def credentials(host: str, environment: Mapping[str, str]) -> Credentials:
    """Return the identity that the environment gives for `host`. Raises SetupIncomplete."""
    stem = f"ECLUSE_{host.upper().replace('-', '_')}"
    names = (f"{stem}_ACCESS_KEY", f"{stem}_SECRET_KEY")
    values = [environment.get(name, "") for name in names]
    if not all(values):
        raise SetupIncomplete(f"Set {names[0]} and {names[1]} to reach the host {host}.")
    return Credentials(*values)
