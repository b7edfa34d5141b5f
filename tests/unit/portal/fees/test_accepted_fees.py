"""What the applicant accepted to pay is in the permit without being typed again."""

from ecluse.domain.documents import FeeLine
from ecluse.portal.applications.models import Application
from ecluse.portal.fees.reading import accepted_fee_lines
from ecluse.portal.permits.forms import TermsForm
from tests.unit.portal.applications.road import NOTICE
from tests.unit.portal.fees.billing import TODAY, Billing


def initial(billing: Billing) -> str:
    """The fees in the form of the decision, before anybody writes."""
    form = TermsForm(Application.objects.get(), NOTICE, today=TODAY)
    return str(form.initial["fees"])


def test_the_decision_is_filled_in_with_the_estimate_that_was_accepted(billing: Billing) -> None:
    kept = billing.accepted()

    lines = initial(billing).splitlines()

    assert len(lines) == len(kept.told().lines) == 4
    assert lines[-1] == "Contrôle des séjours ; 400,00"


def test_the_lines_read_again_are_those_that_were_accepted(billing: Billing) -> None:
    kept = billing.accepted()
    form = TermsForm(Application.objects.get(), NOTICE, {"fees": initial(billing)}, today=TODAY)
    form.is_valid()

    fees = form.cleaned_data["fees"]
    assert fees == accepted_fee_lines(kept.item)
    assert FeeLine("Contrôle des séjours", 40_000) in fees
    assert sum(fee.amount_cents for fee in fees) == 335_000


def test_an_estimate_that_is_not_accepted_yet_fills_in_nothing(billing: Billing) -> None:
    kept = billing.sent()

    assert accepted_fee_lines(kept.item) == ()
    assert initial(billing) == ""
