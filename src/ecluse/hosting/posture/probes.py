"""The probes, by name, and a run of all of them over what was seen.

A probe reads nothing itself: it is a pure function of `Seen`. Each has a paired negative test
(`tests/unit/hosting/posture/test_probes.py`): what it looks at is broken, and it must see it.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ecluse.domain import codec
from ecluse.domain.posture import (
    Framework,
    Observation,
    PostureReport,
    expiries,
    sovereignty,
    tally,
)
from ecluse.hosting.posture import host_probes, machine_probes, site_probes
from ecluse.hosting.posture.seen import Seen, Verdict
from ecluse.trust import canonical

Probe = Callable[[Seen], Verdict]

PROBES: Final[Mapping[str, Probe]] = {
    "tls-version": site_probes.tls_version,
    "tls-cipher": site_probes.tls_cipher,
    "certificate": site_probes.certificate,
    "tls-everywhere": site_probes.tls_everywhere,
    "transport-security": site_probes.transport_security,
    "content-policy": site_probes.content_policy,
    "page-headers": site_probes.page_headers,
    "cookies": site_probes.cookies,
    "debug-off": site_probes.debug_off,
    "no-demonstration": site_probes.no_demonstration,
    "second-factor": site_probes.second_factor,
    "password-digest": site_probes.password_digest,
    "session-lifetime": site_probes.session_lifetime,
    "secret-files": machine_probes.secret_files,
    "rooms-apart": machine_probes.rooms_apart,
    "installed-packages": machine_probes.installed_packages,
    "licences": machine_probes.licences,
    "vendor-packages": machine_probes.vendor_packages,
    "database-rights": machine_probes.database_rights,
    "plain-database": machine_probes.plain_database,
    "key-age": machine_probes.key_age,
    "journal": machine_probes.journal,
    "backup-age": machine_probes.backup_age,
    "host-placement": host_probes.host_placement,
    "qualifications": host_probes.qualifications,
    "operators": host_probes.operators,
    "two-places": host_probes.two_places,
    "exit-price": host_probes.exit_price,
}


def sentence(probe: str) -> str:
    """Return what a probe looks for, in one sentence."""
    return (PROBES[probe].__doc__ or "").partition("\n")[0]


def observe(seen: Seen) -> tuple[Observation, ...]:
    """Return what every probe found, in the order of their names."""
    return tuple(_observation(name, PROBES[name](seen), seen) for name in sorted(PROBES))


def report(seen: Seen, frameworks: tuple[Framework, ...], *, version: str) -> PostureReport:
    """Return the report of a run: observations, tallies, qualifications that end, sovereignty."""
    observations = observe(seen)
    outcomes = {one.probe: one.outcome for one in observations}
    hosts = seen.placement.hosts.values() if seen.placement else ()
    ends = ((h.name, q.name, q.number, q.expires_on) for h in hosts for q in h.qualifications)
    return PostureReport(
        seen.at,
        version,
        observations,
        tuple(tally(one, outcomes) for one in frameworks),
        expiries(ends, today=seen.at.date()),
        sovereignty(outcomes),
    )


def _observation(name: str, verdict: Verdict, seen: Seen) -> Observation:
    digest = canonical.digest(canonical.encode(codec.encode(verdict.facts)))
    return Observation(name, verdict.outcome, verdict.said, verdict.facts, digest, seen.at)
