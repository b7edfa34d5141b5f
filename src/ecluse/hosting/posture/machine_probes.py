"""Probes of the machine: files, packages, databases, keys, journals, backups."""

import re
from datetime import timedelta
from typing import Final

from ecluse.hosting.posture.seen import Seen, Verdict, judged, unseen

OTHERS: Final = 0o077
WRITERS: Final = 0o022
VENDORS: Final = ("azure-", "google-cloud-", "boto3", "botocore", "aws-", "oci", "ibm-cos-")
CLOSED: Final = re.compile(r"\b(AGPL|Affero|BUSL|Business Source|SSPL|Elastic|Proprietary)\b", re.I)
PLAIN_EXTENSIONS: Final = frozenset({"plpgsql", "btree_gist", "pg_trgm", "unaccent", "citext"})
OLDEST_SERVER: Final = 15
KEY_LIFE: Final = timedelta(days=2 * 366)
BACKUP_AGE: Final = timedelta(days=2)
CHANGES: Final = frozenset({"UPDATE", "DELETE", "TRUNCATE"})


def secret_files(seen: Seen) -> Verdict:
    """Private keys and secrets are read by their owner alone."""
    secrets = [file for file in seen.files if file.is_secret]
    if not secrets:
        return unseen("a folder of secrets")
    facts = {file.place: f"{file.mode:04o}" for file in secrets}
    return judged(facts, [f"{f.place} is {f.mode:04o}" for f in secrets if f.mode & OTHERS])


def rooms_apart(seen: Seen) -> Verdict:
    """Nothing of the installation is written by other users."""
    if not seen.files:
        return unseen("the folder of the installation")
    wrong = [f"{f.place} is {f.mode:04o}" for f in seen.files if f.mode & WRITERS]
    return judged({file.place: f"{file.mode:04o}" for file in seen.files}, wrong)


def installed_packages(seen: Seen) -> Verdict:
    """Every installed package says its name, its version and its licence."""
    if not seen.packages:
        return unseen("the installed packages")
    wrong = [f"{p.name} tells no licence" for p in seen.packages if not p.licence]
    wrong += [f"{p.name} tells no version" for p in seen.packages if not p.version]
    return judged({p.name: p.version for p in seen.packages}, wrong)


def licences(seen: Seen) -> Verdict:
    """No installed package has a licence that is closed, or that binds the network's users."""
    if not seen.packages:
        return unseen("the installed packages")
    facts = {package.name: package.licence for package in seen.packages}
    wrong = [f"{name} is under {text}" for name, text in facts.items() if CLOSED.search(text)]
    return judged(facts, wrong)


def vendor_packages(seen: Seen) -> Verdict:
    """No package that speaks to one company's cloud alone is installed."""
    if not seen.packages:
        return unseen("the installed packages")
    facts = {package.name: package.version for package in seen.packages}
    return judged(facts, [f"{n} is installed" for n in facts if n.lower().startswith(VENDORS)])


def database_rights(seen: Seen) -> Verdict:
    """No program owns a table that it serves, nor changes what is written once for all."""
    if not seen.databases:
        return unseen("a database")
    wrong = [f"{role} owns tables of {one.name}" for one in seen.databases for role in one.powerful]
    wrong += [
        f"{grant.role} may {grant.right} {grant.table} of {one.name}"
        for one in seen.databases
        for grant in one.grants
        if grant.table in one.frozen and grant.right in CHANGES
    ]
    facts = {
        f"{one.name} {g.role} {g.table}": g.right for one in seen.databases for g in one.grants
    }
    return judged(facts | {one.name: str(one.version) for one in seen.databases}, wrong)


def plain_database(seen: Seen) -> Verdict:
    """The database is plain PostgreSQL, that any host may serve."""
    if not seen.databases:
        return unseen("a database")
    facts = {one.name: f"{one.version} {' '.join(one.extensions)}" for one in seen.databases}
    old = [one for one in seen.databases if one.version < OLDEST_SERVER]
    wrong = [f"{one.name} is served by PostgreSQL {one.version}" for one in old]
    wrong += [
        f"{one.name} needs the extension {name}"
        for one in seen.databases
        for name in one.extensions
        if name not in PLAIN_EXTENSIONS
    ]
    return judged(facts, wrong)


def key_age(seen: Seen) -> Verdict:
    """Keys that sign are replaced within two years."""
    if not seen.keys:
        return unseen("a key that signs")
    facts = {key.name: key.since.date() for key in seen.keys}
    oldest = seen.at - KEY_LIFE
    wrong = [f"{k.name} signs since {k.since:%Y-%m-%d}" for k in seen.keys if k.since < oldest]
    return judged(facts, wrong)


def journal(seen: Seen) -> Verdict:
    """Each journal proves itself, entry after entry."""
    if not seen.journals:
        return unseen("a journal")
    facts = {one.name: f"{one.entry_count} entries" for one in seen.journals}
    return judged(facts, [f"{one.name}: {one.problem}" for one in seen.journals if one.problem])


def backup_age(seen: Seen) -> Verdict:
    """The last backup is whole, and less than two days old."""
    if seen.backups is None:
        return unseen("the folder of the backups")
    whole = [one for one in seen.backups if one.is_whole]
    facts = {one.name: one.made_at.isoformat() for one in seen.backups}
    wrong = [f"{one.name} is not whole" for one in seen.backups if not one.is_whole]
    if not any(seen.at - one.made_at <= BACKUP_AGE for one in whole):
        wrong.append("no whole backup of the last two days")
    return judged(facts, wrong)
