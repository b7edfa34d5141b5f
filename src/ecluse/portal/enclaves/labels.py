"""What people read for the states of jobs and the verdicts of automatic checks."""

from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import JobStatus, Verdict

WORKSPACE_STATES = {
    "active": _("ouvert"),
    "suspended": _("suspendu"),
    "closed": _("fermé"),
}

WORKSPACE_KINDS = {"active": "success", "suspended": "warning", "closed": "error"}
"""The kind of badge of each state."""

JOB_STATES = {
    "waiting": _("en attente de l’agent"),
    "refused": _("ordre refusé"),
    JobStatus.SUCCEEDED.value: _("terminée"),
    JobStatus.FAILED.value: _("arrêtée par une erreur du script"),
    JobStatus.TIMED_OUT.value: _("arrêtée : durée dépassée"),
    JobStatus.KILLED.value: _("arrêtée : mémoire ou ressources dépassées"),
}

JOB_KINDS = {
    "waiting": "info",
    "refused": "error",
    JobStatus.SUCCEEDED.value: "success",
    JobStatus.FAILED.value: "error",
    JobStatus.TIMED_OUT.value: "error",
    JobStatus.KILLED.value: "error",
}
"""The kind of badge of each state."""

VERDICTS = {
    Verdict.PASS.value: _("rien à signaler"),
    Verdict.REVIEW.value: _("à regarder"),
    Verdict.BLOCKED.value: _("bloqué"),
}

VERDICT_KINDS = {
    Verdict.PASS.value: "success",
    Verdict.REVIEW.value: "warning",
    Verdict.BLOCKED.value: "error",
}
