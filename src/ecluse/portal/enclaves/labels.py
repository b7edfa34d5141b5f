"""What people read for the states of jobs and the verdicts of automatic checks."""

from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import ActionState, JobStatus, Verdict

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
    JobStatus.CANCELLED.value: _("annulée"),
}

JOB_KINDS = {
    "waiting": "info",
    "refused": "error",
    JobStatus.SUCCEEDED.value: "success",
    JobStatus.FAILED.value: "error",
    JobStatus.TIMED_OUT.value: "error",
    JobStatus.KILLED.value: "error",
    JobStatus.CANCELLED.value: "neutral",
}
"""The kind of badge of each state."""

ACTION_STATES = {
    ActionState.WAITING.value: _("attend son tour"),
    ActionState.RUNNING.value: _("en cours"),
    ActionState.RAN.value: _("faite"),
    ActionState.KEPT.value: _("reprise d’un envoi précédent"),
    ActionState.FAILED.value: _("arrêtée par une erreur"),
    ActionState.SKIPPED.value: _("sautée : une action dont elle dépend a échoué"),
}

ACTION_KINDS = {
    ActionState.WAITING.value: "neutral",
    ActionState.RUNNING.value: "info",
    ActionState.RAN.value: "success",
    ActionState.KEPT.value: "success",
    ActionState.FAILED.value: "error",
    ActionState.SKIPPED.value: "warning",
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
