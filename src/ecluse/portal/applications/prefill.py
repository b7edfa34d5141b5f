"""What a file already knows when it opens, or when a new question appears in it."""

from collections.abc import Mapping, Sequence

from ecluse.domain.codec import JSON
from ecluse.domain.forms import FormVersion, Prefill
from ecluse.portal.accounts.models import User
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts.actions import basket_of


def first_answers(form: FormVersion, user: User, datasets: Sequence[str]) -> dict[str, JSON]:
    """Return what a new draft already knows: who opens it, and the titles of these datasets.

    A group that takes datasets gets one item each, with the title in its first part.
    """
    person: dict[str, JSON] = {
        "subject": user.subject,
        "name": user.full_name,
        "is_principal_investigator": True,
    }
    known: Mapping[Prefill, JSON] = {
        Prefill.ORGANISATION: user.organisation,
        Prefill.NAME: user.full_name,
        Prefill.EMAIL: user.email,
        Prefill.PERSONS: [person],
    }
    answers: dict[str, JSON] = {}
    for field in form.fields():
        if field.prefill is Prefill.DATASETS:
            answers[field.id] = [{field.fields[0].id: title} for title in datasets]
        elif field.prefill is not None:
            answers[field.id] = known[field.prefill]
    return answers


def titles_wanted(dataset: Dataset, user: User) -> list[str]:
    """Return the titles of the dataset of a file and of those in its applicant's basket."""
    basket = basket_of(user)
    others = {each.slug: each for each in Dataset.objects.described().filter(slug__in=basket)}
    wanted = [dataset, *(others[slug] for slug in basket if slug in others)]
    return list(dict.fromkeys(text_of(each).title for each in wanted))
