"""The page where the persons of a file make its results public."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import CaseRecord, ClockRow
from ecluse.portal.cases.parties import is_person_of
from ecluse.portal.register import reading, result_actions
from ecluse.portal.register.forms import ResultForm
from ecluse.portal.register.models import Publication
from ecluse.portal.register.result_actions import Found

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def publish_result(request: SignedInRequest, number: str) -> HttpResponse:
    """Ask for a result that is public, then show it on the register."""
    case = get_object_or_404(CaseRecord.objects.visible_to(request.user), number=number)
    if not is_person_of(request.user, case):
        raise NotAllowed("Only the persons of a file make its results public.")
    form = ResultForm(
        request.POST if request.method == "POST" else None,
        initial={"public_on": timezone.localdate()},
    )
    if form.is_bound and form.is_valid():
        try:
            made = result_actions.publish(
                case, Found(**form.cleaned_data), by=request.user, now=timezone.now()
            )
        except InvalidInput:
            form.add_error("public_on", _("Donnez un jour qui est venu et une adresse https://."))
        else:
            messages.success(request, _("Ce résultat est au registre public."))
            return redirect("register:decision", made.number)
    status = UNPROCESSABLE if form.is_bound else None
    return render(request, "register/result.html", _context(case, form), status=status)


def _context(case: CaseRecord, form: ResultForm) -> dict[str, object]:
    clock = ClockRow.objects.filter(RUNNING, rule=result_actions.RULE, item__case=case).first()
    numbers = Publication.objects.filter(file=case.number).values_list("number", flat=True)
    return {
        "case": case,
        "form": form,
        "due_on": clock.due_on if clock else None,
        "results": reading.results_of(numbers),
    }
