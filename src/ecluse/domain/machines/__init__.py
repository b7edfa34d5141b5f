"""State machines as tables: kind x state x role -> actions; action -> all that it entails.

    machine (the format) → letters, rows → one table a kind → steps (the interpreter) → files

`MACHINES` holds every table. A portal stores states and clocks; it decides nothing by itself.
"""

from collections.abc import Mapping

from ecluse.domain.machines.application import APPLICATION
from ecluse.domain.machines.case import CASE
from ecluse.domain.machines.data_request import DATA_REQUEST
from ecluse.domain.machines.decision_unit import DECISION_UNIT
from ecluse.domain.machines.declaration import DECLARATION
from ecluse.domain.machines.description import DESCRIPTION
from ecluse.domain.machines.designation import DESIGNATION
from ecluse.domain.machines.evaluation import EVALUATION
from ecluse.domain.machines.finding import FINDING
from ecluse.domain.machines.holder_call import HOLDER_CALL
from ecluse.domain.machines.machine import Kind, Machine
from ecluse.domain.machines.permit import PERMIT
from ecluse.domain.machines.permit_changes import AMENDMENT, RENEWAL
from ecluse.domain.machines.redress import APPEAL, COMPLAINT
from ecluse.domain.machines.rights_request import RIGHTS_REQUEST
from ecluse.domain.machines.steps import Step, actions_for, step, why_not

MACHINES: Mapping[Kind, Machine] = {
    one.kind: one
    for one in (
        *(APPLICATION, CASE, DECISION_UNIT, PERMIT, DATA_REQUEST, AMENDMENT, RENEWAL),
        *(DECLARATION, DESIGNATION, APPEAL, COMPLAINT),
        *(HOLDER_CALL, DESCRIPTION, RIGHTS_REQUEST, FINDING, EVALUATION),
    )
}

__all__ = ["MACHINES", "Kind", "Machine", "Step", "actions_for", "step", "why_not"]
