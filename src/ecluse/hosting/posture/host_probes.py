"""Probes of the hosts, as the file of the hub describes them: place, law, certificates, exit."""

from typing import Final

from ecluse.hosting.placement import Host, Placement
from ecluse.hosting.posture.seen import Seen, Verdict, judged, unseen

UNION: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EUROPE: Final = frozenset({*UNION.split(), "IS", "LI", "NO"})
"""The European Economic Area: where HDS v2 (requirement 28) lets health data be stored."""
LOCAL: Final = "file://"
WITHOUT: Final = "the description of the hosts"


def host_placement(seen: Seen) -> Verdict:
    """Every host that keeps a copy is one that the placement policy accepts today."""
    if seen.placement is None:
        return unseen(WITHOUT)
    policy, hosts = seen.placement.policy, seen.placement.hosts.values()
    wrong = [why for host in hosts for why in policy.refusals(host, today=seen.at.date())]
    return judged({host.name: f"{host.country} {host.operator}" for host in hosts}, wrong)


def qualifications(seen: Seen) -> Verdict:
    """Every qualification that a host claims is in date."""
    if seen.placement is None:
        return unseen(WITHOUT)
    claimed = [(h.name, one) for h in seen.placement.hosts.values() for one in h.qualifications]
    facts = {f"{host} {one.name} {one.number}": one.expires_on for host, one in claimed}
    today = seen.at.date()
    wrong = [f"{name} ended on {on}" for name, on in facts.items() if on < today]
    return judged(facts, wrong + ([] if claimed else ["no host has a qualification"]))


def operators(seen: Seen) -> Verdict:
    """Whoever operates a host is under the laws of the policy's countries alone."""
    if seen.placement is None:
        return unseen(WITHOUT)
    hosts = tuple(seen.placement.hosts.values())
    allowed = seen.placement.policy.countries
    wrong = [
        f"{host.name} is operated by {host.operator} of {host.operator_country}"
        for host in hosts
        if host.operator_country not in allowed
    ]
    return judged({host.name: f"{host.operator} {host.operator_country}" for host in hosts}, wrong)


def two_places(seen: Seen) -> Verdict:
    """As many hosts as the policy asks may keep a copy, all in the European Economic Area."""
    if seen.placement is None:
        return unseen(WITHOUT)
    fit = [host for host in seen.placement.hosts.values() if _is_fit(host, seen.placement, seen)]
    asked = max(2, seen.placement.policy.copies)
    wrong = [] if len(fit) >= asked else [f"{len(fit)} hosts may keep a copy, {asked} are needed"]
    outside = sorted(seen.placement.policy.countries - EUROPE)
    wrong += [f"the policy allows {country}" for country in outside]
    return judged({host.name: host.country for host in fit}, wrong)


def exit_price(seen: Seen) -> Verdict:
    """What leaving each distant host costs is told, before it is needed."""
    if seen.placement is None:
        return unseen(WITHOUT)
    distant = [h for h in seen.placement.hosts.values() if not h.address.startswith(LOCAL)]
    facts = {host.name: host.prices.egress_gigabyte for host in distant}
    wrong = [f"{name} tells no price of a gigabyte" for name, price in facts.items() if not price]
    return judged(facts, wrong)


def _is_fit(host: Host, placement: Placement, seen: Seen) -> bool:
    return not placement.policy.refusals(host, today=seen.at.date())
