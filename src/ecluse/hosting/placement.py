"""Where data may be: the hosts, their country, operator and qualifications, as a file of the hub.

[policy]
copies = 2                          # hosts proved to hold a version before another one is erased
proved_within_days = 30
countries = ["FR", "DE"]            # of the machines, and of who operates them
qualifications = ["SecNumCloud"]    # each host that keeps a copy has all of these, in date

[hosts.new]
address = "s3+https://s3.example.eu/bucket/prefix"
layout = "content"                  # or "paths": a folder as it stands, to copy from
country = "FR"
operator = "Example SAS"
operator_country = "FR"
egress_euros_per_gigabyte = "0.01"
euros_per_thousand_reads = "0"

[[hosts.new.qualifications]]
name = "SecNumCloud"
number = "2026-001"
expires_on = 2028-01-31
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.hosting.replicas.copying import Layout
from ecluse.hosting.replicas.costs import Prices

FILE: Final = "hosts.toml"
POLICY: Final = frozenset({"copies", "proved_within_days", "countries", "qualifications"})


@dataclass(frozen=True, slots=True)
class Qualification:
    """A certificate of a host: believed up to its last day, included."""

    name: str
    number: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Host:
    """Where copies are kept, by whom, and under which law."""

    name: str
    address: str
    country: str
    operator: str
    operator_country: str
    qualifications: tuple[Qualification, ...] = ()
    layout: Layout = Layout.CONTENT
    prices: Prices = field(default_factory=Prices)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked of every host that keeps a copy."""

    copies: int
    proved_within: timedelta
    countries: frozenset[str]
    qualifications: frozenset[str]

    def refusals(self, host: Host, *, today: date) -> tuple[str, ...]:
        """Return why `host` may keep no copy today; nothing when it may."""
        where = ((host.country, "is in"), (host.operator_country, "is operated from"))
        outside = [f"{host.name} {how} {c}" for c, how in where if c not in self.countries]
        valid = {one.name for one in host.qualifications if today <= one.expires_on}
        missing = sorted(self.qualifications - valid)
        return (*outside, *(f"{host.name} has no {name} in date" for name in missing))

    def check(self, host: Host, *, today: date) -> None:
        """Raise NotAllowed, with every reason, when `host` may keep no copy today."""
        if refusals := self.refusals(host, today=today):
            raise NotAllowed(f"{'; '.join(refusals)}: the placement policy refuses it.")


@dataclass(frozen=True, slots=True)
class Placement:
    """The policy of a hub and its hosts, by name."""

    policy: Policy
    hosts: Mapping[str, Host]

    @classmethod
    def load(cls, path: Path) -> "Placement":
        """Return what a file says. Raises NotFound, InvalidInput."""
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
            hosts = {name: _host(name, one) for name, one in told["hosts"].items()}
            return cls(_policy(told["policy"]), hosts)
        except FileNotFoundError:
            raise NotFound(f"{path} is missing: describe the hosts and the policy there.") from None
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
            raise InvalidInput(
                f"{path} does not describe hosts ({type(error).__name__}: {error}): "
                "see `docs/how-to/move-between-hosts.md`."
            ) from None

    def host(self, name: str) -> Host:
        """Return the host of this name. Raises NotFound."""
        if name not in self.hosts:
            raise NotFound(f"{name!r} is not among the hosts: {', '.join(sorted(self.hosts))}.")
        return self.hosts[name]


def _policy(told: Mapping[str, Any]) -> Policy:
    if told.keys() != POLICY or type(told["copies"]) is not int or told["copies"] < 1:
        raise ValueError(f"[policy] sets {', '.join(sorted(POLICY))}, with copies from 1")
    return Policy(
        copies=told["copies"],
        proved_within=timedelta(days=told["proved_within_days"]),
        countries=frozenset(told["countries"]),
        qualifications=frozenset(told["qualifications"]),
    )


def _host(name: str, told: Mapping[str, Any]) -> Host:
    return Host(
        name=name,
        address=told["address"],
        country=told["country"],
        operator=told["operator"],
        operator_country=told["operator_country"],
        qualifications=tuple(_qualification(one) for one in told.get("qualifications", ())),
        layout=Layout(told.get("layout", Layout.CONTENT)),
        prices=Prices(
            Decimal(told.get("egress_euros_per_gigabyte", "0")),
            Decimal(told.get("euros_per_thousand_reads", "0")),
        ),
    )


def _qualification(told: Mapping[str, Any]) -> Qualification:
    if type(told["expires_on"]) is not date:
        raise ValueError("expires_on is a day, such as 2028-01-31")
    return Qualification(told["name"], told["number"], told["expires_on"])
