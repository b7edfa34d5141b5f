"""Plans as they are compared with others: variables named by what they measure.

Two requests may call the same age bands by two names, or two codings by one.
"""

import hashlib
import json
from dataclasses import replace

from ecluse.domain import codec
from ecluse.domain.tabulation.plans import TabulationPlan
from ecluse.domain.tabulation.variables import CodeGroups, Variable


def canonical(plan: TabulationPlan) -> TabulationPlan:
    """Return the plan with variables named by the digest of their definition, titles left out.

    Raises:
        InvalidInput: two variables of the plan have one definition.
    """
    named = {variable.name: _canonical(variable) for variable in plan.variables}
    return replace(
        plan,
        variables=tuple(named.values()),
        tables=tuple(
            replace(table, by=tuple(named[name].name for name in table.by)) for table in plan.tables
        ),
    )


def plan_digest(plan: TabulationPlan) -> str:
    """Return the digest of a plan in canonical JSON."""
    text = json.dumps(codec.encode(plan), sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _canonical(variable: Variable) -> Variable:
    bare: Variable = replace(variable, name="v", title="")
    if isinstance(bare, CodeGroups):
        bare = replace(bare, groups=tuple(replace(group, title="") for group in bare.groups))
    told = json.dumps([type(bare).__name__, codec.encode(bare)], sort_keys=True)
    return replace(bare, name=f"v{hashlib.sha256(told.encode()).hexdigest()[:16]}")
