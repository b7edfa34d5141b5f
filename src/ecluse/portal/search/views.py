"""Pages of the search: datasets, variables, and datasets side by side. No account is needed."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ecluse.portal.catalogue import serving
from ecluse.portal.catalogue.description import text_of, text_of_resource
from ecluse.portal.catalogue.models import Dataset, DatasetQuerySet, Resource
from ecluse.portal.search import comparing, pictures
from ecluse.portal.search.finding import find, near_words, resources_holding, variables_holding
from ecluse.portal.search.forms import SearchForm, VariableForm
from ecluse.portal.search.indexing import refresh, refresh_resources
from ecluse.portal.search.models import Choice, Entry, Facet
from ecluse.portal.search.questions import question_of
from ecluse.portal.search.reasons import reasons_of
from ecluse.portal.search.words import Term, terms_of

PAGE_SIZE = 12
VARIABLES_PAGE = 50
MOST_CHOSEN = 30
"""Datasets of one address: as many as a basket holds."""
MOST_RESOURCES = 5
DRAWN = 200
"""Datasets that the map counts at most: those found first."""


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """List the datasets found, best first, with why; the catalogue as RDF for who asks for it."""
    media_type = serving.preferred(request)
    if media_type != serving.HTML:
        return serving.varying(serving.catalogue_answer(request, media_type))
    refresh(now=timezone.now())
    refresh_resources()
    question = question_of(request.GET)
    answer = find(question)
    page = Paginator(answer.keys, PAGE_SIZE).get_page(request.GET.get("page"))
    keys = list(page.object_list)
    datasets = _with_entries(Dataset.objects.all()).in_bulk(keys)
    found = [(datasets[key], text_of(datasets[key])) for key in keys if key in datasets]
    titled = [(text.title, dataset.entry) for dataset, text in found]
    context = {
        "question": question,
        "answer": answer,
        "form": SearchForm(question, answer),
        "page": page,
        "found": found,
        "resources": _resources(answer.terms) if page.number == 1 else [],
        "why": reasons_of(keys, answer.terms),
        "timeline": pictures.timeline(titled, this_year=timezone.localdate().year),
        "tiles": pictures.tiles(_places(answer.keys[:DRAWN])),
        "address": f"{reverse('search:search')}?{question.query()}",
    }
    return serving.varying(render(request, "search/search.html", context))


@require_safe
def variables(request: HttpRequest) -> HttpResponse:
    """List the variables found, with the datasets that hold them."""
    refresh(now=timezone.now())
    words = question_of(request.GET).words
    terms = terms_of(words, correct=near_words)
    held = variables_holding(terms, words).select_related("entry__dataset")
    page = Paginator(held.order_by("name", "entry", "table"), VARIABLES_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "words": words,
        "form": VariableForm(initial={"q": words}),
        "page": page,
        "address": f"{request.path}?{urlencode({'q': words})}",
    }
    return render(request, "search/variables.html", context)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show datasets side by side, four at most; the address is a basket that may be shared."""
    refresh(now=timezone.now())
    slugs = list(dict.fromkeys(request.GET.getlist("dataset")))[:MOST_CHOSEN]
    known = _with_entries(Dataset.objects.described()).filter(entry__isnull=False)
    by_slug = {one.slug: one for one in known.filter(slug__in=slugs)}
    chosen = [by_slug[slug] for slug in slugs if slug in by_slug]
    titles = [text_of(one).title for one in chosen]
    compared = chosen[: comparing.MOST]
    context = {
        "datasets": list(zip(chosen, titles, strict=True)),
        "titles": titles[: comparing.MOST],
        "lines": comparing.lines_of(compared) if compared else [],
        "timeline": pictures.timeline(
            list(zip(titles, (one.entry for one in chosen), strict=True)),
            this_year=timezone.localdate().year,
        ),
    }
    return render(request, "search/compare.html", context)


def _resources(terms: Sequence[Term]) -> list[tuple[Resource, str]]:
    found = resources_holding(terms)[:MOST_RESOURCES]
    return [(one, text_of_resource(one).title) for one in found]


def _with_entries(datasets: DatasetQuerySet) -> DatasetQuerySet:
    """Return datasets with what a page shows of their entries: not what the database looks in."""
    return datasets.select_related("entry").defer("entry__document", "entry__head")


def _places(keys: tuple[int, ...]) -> list[list[str]]:
    codes = dict(Choice.objects.filter(facet=Facet.PLACE).values_list("pk", "code"))
    held = Entry.objects.filter(pk__in=keys).values_list("choices", flat=True)
    return [[codes[key] for key in choices if key in codes] for choices in held]
