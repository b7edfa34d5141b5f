"""Rule tables and field lists as values, from the tables written as data; their faults are told."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecluse.domain.aisystems.rules import Duty, Moment, Rule, RuleSet
from ecluse.domain.errors import InvalidInput

LANGUAGES = ("fr", "en")


def rule_sets_from(tables: Iterable[Mapping[str, Any]]) -> tuple[RuleSet, ...]:
    """The rule sets written in `tables`; one that `amends` another holds what it changes alone.

    Raises InvalidInput: a table lacks a member, amends an unknown one, or a duty names an unknown
    moment.
    """
    found: dict[str, RuleSet] = {}
    for table in tables:
        try:
            made = _rule_set(table, found)
        except KeyError as error:
            name = f"{table.get('family')}@{table.get('version')}"
            raise InvalidInput(f"The rule table {name} lacks {error}: add it.") from None
        found[made.key] = made
    for one in found.values():
        _check(one)
    return tuple(found.values())


def _rule_set(table: Mapping[str, Any], known: Mapping[str, RuleSet]) -> RuleSet:
    amended = known[table["amends"]] if "amends" in table else None
    own = tuple(_rule(one) for one in table.get("rules", ()))
    dropped = set(table.get("drops", ()))
    moments = {one.key: one for one in (amended.moments if amended else ())}
    moments |= {one["key"]: Moment(**one) for one in table.get("moments", ())}
    duties = {one.code: one for one in (amended.duties if amended else ())}
    duties |= {one["code"]: _duty(one) for one in table.get("duties", ())}
    return RuleSet(
        family=table["family"],
        version=str(table["version"]),
        used_from=table["used_from"],
        title=_words(table, "title"),
        source=table["source"],
        is_sure=table.get("is_sure", True),
        rules=_amended(amended.rules if amended else (), own, dropped),
        moments=tuple(moments.values()),
        duties=tuple(duties.values()),
    )


def _amended(
    former: tuple[Rule, ...], own: tuple[Rule, ...], dropped: set[str]
) -> tuple[Rule, ...]:
    """The rules in the order of the amended set, its own in the place of those they rewrite."""
    mine = {one.rule_id: one for one in own}
    if len(mine) < len(own):
        raise InvalidInput("Two rules of one table have one name: give each its own.")
    kept = [mine.pop(one.rule_id, one) for one in former if one.rule_id not in dropped]
    return (*kept, *mine.values())


def _rule(said: Mapping[str, Any]) -> Rule:
    return Rule(
        rule_id=said["id"],
        article=said["article"],
        because=_words(said, "because"),
        gives={name: tuple(_listed(values)) for name, values in said["gives"].items()},
        when=_conditions(said.get("when", {})),
        unless=_conditions(said.get("unless", {})),
        at_least={name: float(least) for name, least in said.get("at_least", {}).items()},
        ends=said.get("ends", False),
    )


def _duty(said: Mapping[str, Any]) -> Duty:
    return Duty(
        code=said["code"],
        article=said["article"],
        title=_words(said, "title"),
        when=_conditions(said.get("when", {})),
        from_moment=dict(said["from"]),
    )


def _conditions(said: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {name: frozenset(_listed(values)) for name, values in said.items()}


def _listed(values: object) -> list[str]:
    """Values as facts are compared: yes and no for true and false."""
    several = values if isinstance(values, list) else [values]
    return [("yes" if one else "no") if isinstance(one, bool) else str(one) for one in several]


def _words(said: Mapping[str, Any], name: str) -> dict[str, str]:
    return {language: said[f"{name}_{language}"] for language in LANGUAGES}


def _check(rules: RuleSet) -> None:
    moments = {one.key for one in rules.moments}
    for duty in rules.duties:
        if unknown := set(duty.from_moment.values()) - moments:
            raise InvalidInput(
                f"The duty {duty.code} of {rules.key} begins at {min(unknown)}, which is no moment "
                "of its table: add the moment."
            )
