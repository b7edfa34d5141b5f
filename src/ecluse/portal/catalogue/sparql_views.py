"""The SPARQL endpoint of the catalogue (SPARQL 1.1 Protocol, query by GET and by POST)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ecluse.domain.errors import EcluseError, InvalidInput
from ecluse.portal.catalogue import sparql
from ecluse.portal.catalogue.forms import QuestionForm

QUERY_TYPE = "application/sparql-query"
EXAMPLE = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
SELECT ?dataset ?title WHERE { ?dataset a dcat:Dataset ; dct:title ?title } LIMIT 20
"""


@csrf_exempt  # nothing is written: a question may come from any page or program
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint(request: HttpRequest) -> HttpResponse:
    """Answer a question; without one, say how to ask."""
    query = _query(request)
    if not query:
        return render(request, "catalogue/sparql.html", {"form": QuestionForm({"query": EXAMPLE})})
    media_type = request.get_preferred_type(list(sparql.RESULTS)) or next(iter(sparql.RESULTS))
    try:
        answer = sparql.ask(query, media_type)
    except EcluseError as error:
        status = 400 if isinstance(error, InvalidInput) else 503
        return HttpResponse(str(error), status=status, content_type="text/plain; charset=utf-8")
    response = HttpResponse(answer.data, content_type=answer.media_type)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _query(request: HttpRequest) -> str:
    if request.method == "POST" and request.content_type == QUERY_TYPE:
        return request.body.decode("utf-8", "replace")
    given = request.POST if request.method == "POST" else request.GET
    return given.get("query", "")
