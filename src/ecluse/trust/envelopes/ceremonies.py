"""Ceremonies: a key made by several custodians, of whom some together, and no fewer, open it again.

plan.json               who takes part, how many open; for a second ceremony, which key
session.hybrid.key      what opens the contributions, destroyed at the end
contributions/<name>    what a custodian brought, signed by them, sealed for the session
shares/<name>           a custodian's share of the new key, sealed for them
<key name>.hybrid.pub   the new key's public half: data keys are wrapped for it
transcript.json         all of it by digest, signed by who officiates

To make a key each custodian brings 32 random bytes: one who does is enough that nobody chose it.
To open it, each brings their share. The key is in memory only while `finish` runs.

Source: Shamir (1979), as in `shares`; SNDS security referential (order of 6 May 2024) section 6.2
on the custody of secrets.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotAllowed
from ecluse.trust import canonical, durable, keys
from ecluse.trust.custody.destruction import destroy_file
from ecluse.trust.custody.secrets import KEY_BYTES, Secret
from ecluse.trust.envelopes import shares, signatures
from ecluse.trust.envelopes.ceremony_records import (
    Brought,
    Contribution,
    Kind,
    Plan,
    Share,
    Transcript,
    load_plan,
    read_file,
)
from ecluse.trust.envelopes.custodians import Custodian, CustodianKeys
from ecluse.trust.envelopes.hybrid import (
    PRIVATE,
    PRIVATE_BYTES,
    PUBLIC,
    HybridKey,
    Receiver,
    load_hybrid_key,
    load_receiver,
    store_hybrid_key,
    store_receiver,
)
from ecluse.trust.envelopes.signatures import Signed
from ecluse.trust.keys import Keyring, SigningKey, to_milliseconds

SESSION: Final = "session"
CONTRIBUTION: Final = "ceremony contribution"
TRANSCRIPT: Final = "ceremony transcript"
MAKING: Final = b"ecluse ceremony key "


def start(folder: Path, name: str, custodians: tuple[Custodian, ...], *, threshold: int) -> Plan:
    """Begin the making of a key that `threshold` of the custodians open.

    Raises:
        InvalidInput: too few, one named twice, or one organisation that would open it alone.
    """
    _check_custodians(custodians, threshold)
    return _begin(folder, Plan(_draw(), Kind.CREATE, name, threshold, custodians, ""))


def start_opening(folder: Path, made: Path, keyring: Keyring) -> Plan:
    """Begin the opening of the key that the ceremony of the folder `made` made."""
    transcript, former = verify(made, keyring), load_plan(made)
    if transcript.kind is not Kind.CREATE:
        raise InvalidInput(f"{made} is not the folder of a ceremony that made a key.")
    opening = Plan(
        _draw(), Kind.OPEN, former.name, former.threshold, former.custodians, "", transcript.key_id
    )
    return _begin(folder, opening)


def contribute(folder: Path, mine: CustodianKeys, *, made: Path | None = None) -> Path:
    """Write what a custodian brings: random bytes, or their share of the ceremony at `made`.

    Raises:
        NotFound: they take no part, or their share is missing.
        BadSignature: the share is not theirs.
    """
    plan = load_plan(folder)
    named = mine.custodian.name
    if plan.custodian(named) != mine.custodian:
        raise BadSignature(f"The plan gives {named} other keys than these: check it with them.")
    if plan.kind is Kind.CREATE:
        brought: bytes = secrets.token_bytes(KEY_BYTES)
    elif made is None:
        raise InvalidInput("Give the folder of the ceremony that made the key: the share is there.")
    else:
        brought = _open_share(made, mine)
    session = Receiver.parse(keys.from_base64url(plan.session))
    sealed = session.seal(brought, purpose=_bringing(plan, named))
    signed = mine.sign(
        Contribution(named, plan.digest(), keys.to_base64url(sealed)), purpose=CONTRIBUTION
    )
    path = folder / "contributions" / named
    path.parent.mkdir(exist_ok=True)
    durable.write(path, signed.line(), mode=keys.PUBLIC_MODE)
    return path


def finish(folder: Path, officer: SigningKey, *, now: datetime) -> Transcript:
    """End the making of a key: share it, seal the shares, sign the transcript, forget the key.

    Raises:
        NotAllowed: a custodian has not contributed.
        BadSignature: a contribution was altered, or is of another ceremony.
    """
    plan = _planned(folder, Kind.CREATE)
    brought = _opened(folder, plan)
    if len(brought) < len(plan.custodians):
        raise NotAllowed(
            f"{len(brought)} of {len(plan.custodians)} custodians contributed: all must."
        )
    key = _make(plan, brought)
    receiver = key.receiver()
    store_receiver(folder, plan.name, receiver)
    transcript = Transcript(
        plan.digest(),
        plan.kind,
        _files(folder, plan),
        receiver.key_id,
        tuple(_write_shares(folder, plan, key)),
        to_milliseconds(now),
    )
    return _end(folder, transcript, officer)


def finish_opening(
    folder: Path, made: Path, officer: SigningKey, *, out: Path, now: datetime
) -> Transcript:
    """End the opening of a key, written in `out` for its owner alone.

    Raises:
        NotAllowed: fewer custodians contributed than the threshold.
        BadSignature: a share is not the one that was given, or a contribution was altered.
    """
    plan = _planned(folder, Kind.OPEN)
    brought = _opened(folder, plan)
    if len(brought) < plan.threshold:
        raise NotAllowed(f"{len(brought)} custodians contributed; {plan.threshold} open the key.")
    given = {share.custodian: share for share in _transcript(made).shares}
    for name, share in brought.items():
        if name not in given or _digest(share) != given[name].digest:
            raise BadSignature(f"The share of {name} is not the one that was given: leave it out.")
    key = HybridKey.parse(shares.combine({given[n].number: one for n, one in brought.items()}))
    if key.receiver().key_id != plan.key_id:
        raise BadSignature("These shares do not make the key that is to be opened.")
    store_hybrid_key(out, plan.name, key)
    files = _files(folder, plan)
    transcript = Transcript(
        plan.digest(), plan.kind, files, str(plan.key_id), (), to_milliseconds(now)
    )
    return _end(folder, transcript, officer)


def verify(folder: Path, keyring: Keyring) -> Transcript:
    """Return the transcript once each file of a ceremony is the one that it names.

    Raises:
        NotFound: it did not end.
        BadSignature: a contribution, a share, the plan or the public key is another.
        UnknownKey: nobody believed signed the transcript.
    """
    signed, plan = read_file(folder / "transcript.json"), load_plan(folder)
    found: Transcript = signatures.read(signed, Transcript, keyring, purpose=TRANSCRIPT)
    if found.plan != plan.digest() or found.contributions != _files(folder, plan):
        raise BadSignature(f"{folder}: the plan or a contribution is not that of the transcript.")
    for one in found.shares:
        if canonical.digest(read_file(folder / "shares" / one.custodian)) != one.file:
            raise BadSignature(f"The file of {one.custodian}'s share is not the one signed.")
    if plan.kind is Kind.CREATE:
        _check_public(folder, plan, found)
    return found


def _check_custodians(custodians: tuple[Custodian, ...], threshold: int) -> None:
    if not 2 <= threshold <= len(custodians):  # noqa: PLR2004 — one custodian is no ceremony
        raise InvalidInput(f"A threshold of {threshold} among {len(custodians)}: from 2 to all.")
    for what in ("name", "signing", "sealing"):
        if len({getattr(one, what) for one in custodians}) < len(custodians):
            raise InvalidInput(f"Two custodians have the same {what}: each is another person.")
    body, most = Counter(one.organisation for one in custodians).most_common(1)[0]
    if most >= threshold:
        raise InvalidInput(
            f"{most} custodians are of {body}, which could open the key alone: have fewer of them "
            "than the threshold."
        )


def _begin(folder: Path, plan: Plan) -> Plan:
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(f"{folder} is not empty: give a folder to make.")
    session = HybridKey.draw()
    store_hybrid_key(folder, SESSION, session)
    (folder / f"{SESSION}{PUBLIC}").unlink()
    begun = replace(plan, session=keys.to_base64url(session.receiver().raw()))
    line = canonical.encode(codec.encode(begun)) + b"\n"
    durable.write(folder / "plan.json", line, mode=keys.PUBLIC_MODE)
    return begun


def _planned(folder: Path, kind: Kind) -> Plan:
    plan = load_plan(folder)
    if plan.kind is not kind or (folder / "transcript.json").exists():
        raise InvalidInput(f"The ceremony at {folder} is to {plan.kind.value} a key, or has ended.")
    return plan


def _opened(folder: Path, plan: Plan) -> dict[str, Secret]:
    """Return what each custodian brought, in the order of the plan."""
    session = load_hybrid_key(folder / f"{SESSION}{PRIVATE}")
    found: dict[str, Secret] = {}
    for custodian in plan.custodians:
        path = folder / "contributions" / custodian.name
        if path.exists():
            one = _contribution(path, plan, custodian)
            sealed = keys.from_base64url(one.sealed)
            found[custodian.name] = session.open(sealed, purpose=_bringing(plan, custodian.name))
    return found


def _contribution(path: Path, plan: Plan, custodian: Custodian) -> Contribution:
    signed = Signed.parse(path.read_bytes())
    one: Contribution = signed.read(Contribution, custodian.verifier(), purpose=CONTRIBUTION)
    if (one.custodian, one.plan) != (custodian.name, plan.digest()):
        raise BadSignature(f"What {custodian.name} brought is for another ceremony.")
    return one


def _make(plan: Plan, brought: dict[str, Secret]) -> HybridKey:
    drawn = secrets.token_bytes(KEY_BYTES)
    info = MAKING + plan.digest().encode()
    kdf = HKDF(SHA256(), length=PRIVATE_BYTES, salt=None, info=info)
    return HybridKey.parse(kdf.derive(drawn + b"".join(brought.values())))


def _write_shares(folder: Path, plan: Plan, key: HybridKey) -> Iterator[Share]:
    (folder / "shares").mkdir(exist_ok=True)
    count = len(plan.custodians)
    split = shares.split(key.raw(), threshold=plan.threshold, count=count)
    for custodian, (number, share) in zip(plan.custodians, split.items(), strict=True):
        sealed = custodian.receiver().seal(share, purpose=_keeping(plan.number, custodian.name))
        data = f"{keys.to_base64url(sealed)}\n".encode()
        durable.write(folder / "shares" / custodian.name, data, mode=keys.PUBLIC_MODE)
        yield Share(custodian.name, number, _digest(share), canonical.digest(data))


def _open_share(made: Path, mine: CustodianKeys) -> Secret:
    former, named = load_plan(made), mine.custodian.name
    data = read_file(made / "shares" / named)
    try:
        sealed = keys.from_base64url(data.decode("ascii").strip())
    except (Malformed, UnicodeDecodeError):
        raise BadSignature(f"The file of {named}'s share was altered: restore it.") from None
    return mine.opening.open(sealed, purpose=_keeping(former.number, named))


def _files(folder: Path, plan: Plan) -> tuple[Brought, ...]:
    paths = {one: folder / "contributions" / one.name for one in plan.custodians}
    for custodian, path in paths.items():
        if path.exists():
            _contribution(path, plan, custodian)
    return tuple(
        Brought(one.name, canonical.digest(path.read_bytes()))
        for one, path in paths.items()
        if path.exists()
    )


def _end(folder: Path, transcript: Transcript, officer: SigningKey) -> Transcript:
    signed = signatures.sign(transcript, officer, purpose=TRANSCRIPT)
    durable.write(folder / "transcript.json", signed.line(), mode=keys.PUBLIC_MODE)
    destroy_file(folder / f"{SESSION}{PRIVATE}")
    return transcript


def _transcript(folder: Path) -> Transcript:
    content = Signed.parse(read_file(folder / "transcript.json")).content
    found: Transcript = codec.decode(canonical.decode(content.encode()), Transcript, at=TRANSCRIPT)
    return found


def _check_public(folder: Path, plan: Plan, found: Transcript) -> None:
    if load_receiver(folder / f"{plan.name}{PUBLIC}").key_id != found.key_id:
        raise BadSignature(f"The public key of {plan.name} is not that of the transcript.")


def _draw() -> str:
    return secrets.token_hex(8)


def _digest(share: bytes) -> str:
    return f"sha256:{hashlib.sha256(share).hexdigest()}"


def _bringing(plan: Plan, name: str) -> str:
    return f"contribution of {name} to {plan.number}"


def _keeping(number: str, name: str) -> str:
    return f"share of {name} in {number}"
