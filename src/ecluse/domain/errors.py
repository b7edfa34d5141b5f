"""Every error a user can meet, with its code and the exit code of the command line.

    EcluseError                      1
    ├── Refused                      10   a document is not obeyed; the reason is journalled
    │   ├── Malformed                11   not canonical, not of the published shape
    │   ├── UnknownKey               12   signed by a key that the keyring does not hold
    │   ├── BadSignature             13   altered, or signed by another key
    │   ├── WrongSigner              14   this signer may not sign this kind
    │   ├── Expired                  15   after its last day
    │   ├── NotYetValid              16   before its first day
    │   ├── Revoked                  17   taken back by its issuer
    │   ├── Replayed                 18   already obeyed once
    │   ├── OutOfScope               19   asks more than the permit gives
    │   ├── StaleOptOuts             20   opt-out list missing, or not of the decision date
    │   └── Suspended                21   its permit is suspended: once lifted, ask again
    ├── NotAllowed                   30   this person may not do this now
    ├── InvalidInput                 31   a form, a file or a command line that cannot be used
    ├── NotFound                     32   no such permit, dataset, file
    ├── LoadFailed                   40   a delivery was not loaded; the lake is unchanged
    ├── StorageFull                  41   no space left; nothing was lost
    ├── SnapshotDamaged              42   a file of the lake is not the one that was published
    ├── JobFailed                    50   the analysis ended with an error
    ├── SandboxUnavailable           51   isolation cannot be proved here, so no job runs
    ├── JournalBroken                60   the journal does not prove itself
    ├── Unreachable                  70   a site or a database does not answer
    └── SetupIncomplete              71   a program or package is missing on this machine

Messages say what happened, with which values, and what to do next. In the data plane they carry
codes, counts and order numbers: never a value from a row.
"""


class EcluseError(Exception):
    """Root of all errors shown to a user, with `code` for machines and `exit_code` for shells."""

    code = "error"
    exit_code = 1


class Refused(EcluseError):
    """A document is not obeyed."""

    code = "refused"
    exit_code = 10


class Malformed(Refused):
    """The bytes are not a canonical document of the published shape."""

    code = "malformed"
    exit_code = 11


class UnknownKey(Refused):
    """The signing key is not in the keyring, or was revoked."""

    code = "unknown-key"
    exit_code = 12


class BadSignature(Refused):
    """The signature does not match the content."""

    code = "bad-signature"
    exit_code = 13


class WrongSigner(Refused):
    """The signer may not sign a document of this kind."""

    code = "wrong-signer"
    exit_code = 14


class Expired(Refused):
    """The document, its permit or its key is past its last day."""

    code = "expired"
    exit_code = 15


class NotYetValid(Refused):
    """The document, its permit or its key has not begun."""

    code = "not-yet-valid"
    exit_code = 16


class Revoked(Refused):
    """The permit was taken back by its issuer."""

    code = "revoked"
    exit_code = 17


class Replayed(Refused):
    """The document was already obeyed."""

    code = "replayed"
    exit_code = 18


class OutOfScope(Refused):
    """The document asks more than the permit gives, or is meant for somebody else."""

    code = "out-of-scope"
    exit_code = 19


class StaleOptOuts(Refused):
    """The opt-out list is missing or is not the list of the decision date."""

    code = "stale-opt-outs"
    exit_code = 20


class Suspended(Refused):
    """The permit behind it is suspended for now."""

    code = "suspended"
    exit_code = 21


class NotAllowed(EcluseError):
    """This person may not do this, in this state of the file."""

    code = "not-allowed"
    exit_code = 30


class InvalidInput(EcluseError):
    """A form, a file or a command line that cannot be used."""

    code = "invalid-input"
    exit_code = 31


class NotFound(EcluseError):
    """What was named does not exist, or is not visible to this person."""

    code = "not-found"
    exit_code = 32


class LoadFailed(EcluseError):
    """A delivery was not loaded; the lake is as it was."""

    code = "load-failed"
    exit_code = 40


class StorageFull(EcluseError):
    """No space is left; what existed before is untouched."""

    code = "storage-full"
    exit_code = 41


class SnapshotDamaged(EcluseError):
    """A file of the lake is missing, added, or not the one that was published."""

    code = "snapshot-damaged"
    exit_code = 42


class JobFailed(EcluseError):
    """The analysis ended with an error of its own."""

    code = "job-failed"
    exit_code = 50


class SandboxUnavailable(EcluseError):
    """Isolation cannot be proved on this machine, so no job may run."""

    code = "sandbox-unavailable"
    exit_code = 51


class JournalBroken(EcluseError):
    """The journal does not prove itself."""

    code = "journal-broken"
    exit_code = 60


class Unreachable(EcluseError):
    """A site, a database or a mailbox does not answer."""

    code = "unreachable"
    exit_code = 70


class SetupIncomplete(EcluseError):
    """A program or package that this command needs is missing."""

    code = "setup-incomplete"
    exit_code = 71
