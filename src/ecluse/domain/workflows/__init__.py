"""A study that runs in the zone: its actions, what each needs and leaves, whose turn it is."""

from ecluse.domain.workflows.model import (
    STUDY_FILE,
    Action,
    DeclaredOutput,
    Language,
    OutputClass,
    Resources,
    Workflow,
    single_script,
)
from ecluse.domain.workflows.queues import (
    Quota,
    Usage,
    Waiting,
    check_hours,
    check_quota,
    next_job,
)
from ecluse.domain.workflows.quotas import Quotas, read_quotas
from ecluse.domain.workflows.reading import read_workflow

__all__ = [
    "STUDY_FILE",
    "Action",
    "DeclaredOutput",
    "Language",
    "OutputClass",
    "Quota",
    "Quotas",
    "Resources",
    "Usage",
    "Waiting",
    "Workflow",
    "check_hours",
    "check_quota",
    "next_job",
    "read_quotas",
    "read_workflow",
    "single_script",
]
