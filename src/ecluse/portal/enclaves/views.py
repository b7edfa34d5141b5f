"""Pages of the workspaces: what a permit opened, the analyses sent to it, how they ended."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ecluse.domain.disclosure import for_author
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import actions, labels, withdrawals
from ecluse.portal.enclaves.forms import JobForm
from ecluse.portal.enclaves.models import WAITING, Job, Workspace
from ecluse.portal.mailbox.live import STOP_READING


@login_required
@require_safe
def workspaces(request: HttpRequest) -> HttpResponse:
    """Show the workspaces of the permits that name this person."""
    found = Workspace.objects.visible_to(cast(User, request.user)).order_by("-pk")
    context = {
        "workspaces": found,
        "states": labels.WORKSPACE_STATES,
        "state_kinds": labels.WORKSPACE_KINDS,
    }
    return render(request, "enclaves/workspaces.html", context)


@login_required
@require_safe
def workspace(request: HttpRequest, number: str) -> HttpResponse:
    """Show one workspace: its extracts and its jobs."""
    found = _workspace(request, number)
    jobs = found.jobs.with_documents().order_by("-pk")
    extracts = found.extracts.select_related("document").order_by("-pk")
    context = {
        "workspace": found,
        "reason": withdrawals.reason_of(found, now=timezone.now()),
        "extracts": extracts,
        "jobs": jobs,
        "kinds": labels.JOB_KINDS,
    }
    return render(request, "enclaves/workspace.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, number: str) -> HttpResponse:
    """Show the form of an analysis, and order its run."""
    found, user = _workspace(request, number), cast(User, request.user)
    user.require("job.submit", state=found.state)
    form = JobForm(found, request.POST or None, request.FILES or None)
    if form.is_valid():
        chosen = form.cleaned_data
        job = actions.submit_job(
            chosen["extract"],
            chosen["bundle"],
            entry=chosen["entry"],
            by=user,
            now=timezone.now(),
        )
        messages.success(request, _("L’analyse est envoyée : suivez-la ici."))
        return redirect("enclaves:job", job.number)
    status = 422 if form.is_bound else 200
    return render(
        request, "enclaves/submit.html", {"workspace": found, "form": form}, status=status
    )


@login_required
@require_safe
def job(request: HttpRequest, number: str) -> HttpResponse:
    """Show one job: its order, how it ended, its outputs and their checks."""
    return render(request, "enclaves/job.html", _job_context(_job(request, number)))


@login_required
@require_safe
def job_progress(request: HttpRequest, number: str) -> HttpResponse:
    """Show the part of the job's page that changes until the agent has answered."""
    found = _job(request, number)
    context = _job_context(found)
    status = 200 if context["is_running"] else STOP_READING
    return render(request, "enclaves/job_progress.html", context, status=status)


@login_required
@require_safe
def running(request: HttpRequest) -> HttpResponse:
    """Show to supervisors every job that the zone has not answered, whatever the project."""
    cast(User, request.user).require("workspace.supervise")
    jobs = Job.objects.running().with_documents().order_by("pk")
    return render(request, "enclaves/running.html", {"jobs": jobs, "kinds": labels.JOB_KINDS})


@login_required
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Have a job stopped."""
    user = cast(User, request.user)
    found = get_object_or_404(Job.objects.stoppable_by(user), number=number)
    actions.cancel_job(found, by=user, now=timezone.now())
    messages.success(request, _("Annulation demandée : l’analyse s’arrête en quelques secondes."))
    own = Job.objects.visible_to(user).filter(pk=found.pk).exists()
    return redirect("enclaves:job", found.number) if own else redirect("enclaves:running")


def _job_context(found: Job) -> dict[str, object]:
    report = found.report
    ended_well = found.state == "succeeded"
    return {
        "job": found,
        "receipt": found.receipt,
        "report": report,
        "is_running": found.state == WAITING or (ended_well and report is None),
        "may_cancel": found.state == WAITING and found.cancellation is None,
        "actions": found.progress.actions if found.progress else (),
        "action_states": labels.ACTION_STATES,
        "action_kinds": labels.ACTION_KINDS,
        "verdicts": labels.VERDICTS,
        "verdict_kinds": labels.VERDICT_KINDS,
        "findings": [for_author(found) for found in report.findings] if report else [],
    }


def _workspace(request: HttpRequest, number: str) -> Workspace:
    visible = Workspace.objects.visible_to(cast(User, request.user))
    return get_object_or_404(visible, permit_number=number)


def _job(request: HttpRequest, number: str) -> Job:
    visible = Job.objects.visible_to(cast(User, request.user)).with_documents()
    return get_object_or_404(visible, number=number)
