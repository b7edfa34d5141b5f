"""Every page of both sites: who opens it, at which address, once studies stand at every stage."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from ecluse.cli.road import CAMILLE, INES, JEANNE, MARC, PAUL, SARAH
from ecluse.cli.serve import Site
from ecluse.cli.studies import FIRST_STUDY
from ecluse.cli.visitor import Visitor
from tests.journeys.browser import Look
from tests.journeys.demonstration import Demonstration, Walk

VICTOR = ("Victor Roche", "victor.roche@hub.example")
NOBODY = ("sans compte", "")
PUBLIC, CHECKING = Site.PUBLIC, Site.CHECKING
SECTIONS = ("project", "applicant", "purpose", "data", "environment")
HOLES = re.compile(r"%\(\w+\)[sd]|\n")
"""Where a text of a page receives a value."""

URLCONFS = {site: f"ecluse.portal.site.urls_{site}" for site in Site}


@dataclass(frozen=True)
class Place:
    """A page: the name of its address, who opens it, on which site."""

    site: Site
    who: tuple[str, str]
    name: str
    address: str
    status: int = 200

    def __str__(self) -> str:
        """Name the page for the report of the tests."""
        return f"{self.site}-{self.who[0].split()[0].lower()}-{self.address}"


def _places(site: Site, who: tuple[str, str], pages: dict[str, str]) -> tuple[Place, ...]:
    return tuple(Place(site, who, name.split("#")[0], address) for name, address in pages.items())


SHARED = {
    "site:home": "/",
    "site:map": "/map/",
    "site:accessibility": "/accessibility/",
    "site:legal": "/legal/",
    "site:privacy": "/privacy/",
    "accounts:sign_in": "/accounts/sign-in/",
    "audit:check": "/journal/check/",
}
PLACES: tuple[Place, ...] = (
    *_places(
        PUBLIC,
        NOBODY,
        {
            **SHARED,
            "search:search": "/catalogue/",
            "search:variables": "/search/variables/?q=date",
            "search:compare": "/search/compare/?dataset={dataset}&dataset=snds",
            "catalogue:dataset": "/catalogue/{dataset}/",
            "catalogue:report": "/catalogue/{dataset}/report/",
            "catalogue:resources": "/catalogue/series/",
            "catalogue:sparql": "/catalogue/sparql",
            "register:register": "/register/",
            "register:decision": "/register/{permit}/",
            "register:report": "/register/report/",
            "posture": "/posture/",
            "optouts:about": "/optouts/",
            "citizens:explained": "/citizens/explained/",
            "citizens:check": "/citizens/check/",
            "identities:left": "/identities/left/",
            "check:ask": "/check/",
            "check:check": "/check/AAAA/",
            "fees:tariff": "/fees/",
            "holders:holders": "/holders/",
            "label:every": "/label/",
            "aisystems:systems": "/aisystems/",
            "aisystems:surveys": "/aisystems/surveys/",
            "evaluations:every": "/evaluations/",
            "boards:boards": "/boards/",
            "drills:every": "/drills/",
        },
    ),
    *_places(
        PUBLIC,
        JEANNE,
        {"identities:number": "/identities/number/"},
    ),
    *_places(
        PUBLIC,
        CAMILLE,
        {
            "accounts:password": "/accounts/password/",
            "accounts:profile": "/accounts/profile/",
            "applications:mine": "/applications/",
            "applications:start": "/applications/start/{dataset}/",
            "applications:file#draft": "/applications/{draft}/",
            **{
                f"drafts:step#{section}": f"/drafts/{{draft}}/step/{section}/?checked=1"
                for section in SECTIONS
            },
            "drafts:mine": "/drafts/",
            "drafts:overview": "/drafts/{draft}/",
            "drafts:team": "/drafts/{draft}/team/",
            "drafts:upgrade": "/drafts/{draft}/upgrade/",
            "applications:summary": "/applications/{draft}/summary/",
            "applications:withdraw": "/applications/{draft}/withdraw/",
            "permits:permits": "/permits/",
            "permits:permit": "/permits/{permit}/",
            "lives:every": "/lives/",
            "lives:start": "/lives/new/mr-declaration/",
            "lives:permit": "/lives/permits/{permit}/",
            "lives:change": "/lives/permits/{permit}/changes/renewal/",
            "lives:finish": "/lives/finish/{granted}/",
            "lives:file": "/lives/files/{declaration}/",
            "lives:edit": "/lives/files/{declaration}/edit/",
            "lives:act": "/lives/files/{declaration}/withdraw/",
            "letters:mine": "/letters/",
            "fees:mine": "/fees/mine/",
            "requests:every": "/requests/",
            "requests:start": "/requests/start/{dataset}/",
            "tokens:tokens": "/tokens/",
            "aisystems:declare": "/aisystems/new/",
            "aisystems:bring": "/aisystems/import/",
            "evaluations:start": "/evaluations/new/",
            "webhooks:webhooks": "/webhooks/",
            "letters:of_file": "/letters/{submitted}/",
            "letters:letter": "{letter}",
            "extractions:every": "/extractions/",
            "extractions:extractions": "/extractions/permits/{permit}/",
            "extractions:order": "/extractions/permits/{permit}/order/",
            "extractions:extraction": "/extractions/{extraction}/",
            "releases:every": "/releases/",
            "register:publish_result": "/register/results/{submitted}/",
            "releases:releases": "/releases/permits/{permit}/",
            "releases:release": "/releases/{request}/",
        },
    ),
    *_places(
        PUBLIC,
        INES,
        {
            "cases:desk": "/cases/",
            "sources:sources": "/sources/",
            "messages:notices": "/messages/",
            "messages:desk": "/messages/desk/",
            "register:due": "/register/due/",
            "register:report#stating": "/register/report/",
            "applications:file": "/applications/{submitted}/",
            "applications:information": "/applications/{submitted}/information/",
            "applications:complete": "/applications/{submitted}/complete/",
            "assessments:overview": "/assessments/{complete}/",
            "assessments:question": "/assessments/{complete}/questions/b/",
            "assessments:variables": "/assessments/{complete}/variables/",
            "assessments:opinions": "/assessments/{complete}/opinions/",
            "assessments:versions": "/assessments/{complete}/versions/",
            "committees:every": "/committees/",
            "committees:new": "/committees/new/",
            "cases:act": "/cases/{complete}/unit-1/consult-committee/",
            "lives:due": "/lives/permits/{permit}/conditions/1/due/",
        },
    ),
    *_places(
        PUBLIC,
        PAUL,
        {
            "applications:refusal": "/applications/{assessed}/refusal/",
            "permits:decide": "/permits/decisions/{assessed}/",
            "cases:act#extend": "/cases/{assessed}/unit-1/extend/",
            "permits:revoke": "/permits/{permit}/revocation/",
            "lives:suspend": "/lives/suspend/{granted}/",
        },
    ),
    *_places(PUBLIC, VICTOR, {"audit:journal": "/journal/"}),
    Place(PUBLIC, NOBODY, "error", "/nowhere/", 404),
    Place(PUBLIC, INES, "error", "/permits/decisions/{assessed}/", 403),
    *_places(CHECKING, NOBODY, SHARED),
    *_places(
        CHECKING,
        CAMILLE,
        {
            "accounts:password": "/accounts/password/",
            "accounts:profile": "/accounts/profile/",
            "enclaves:workspaces": "/enclaves/",
            "enclaves:workspace": "/enclaves/{permit}/",
            "enclaves:submit": "/enclaves/{permit}/submit/",
            "workspaces:mine": "/workspaces/",
            "workspaces:imports": "/workspaces/{permit}/imports/",
            "enclaves:job": "/enclaves/jobs/{job}/",
            "outputs:ask": "/outputs/ask/{job}/",
            "outputs:requests": "/outputs/",
            "outputs:request": "/outputs/{request}/",
        },
    ),
    *_places(
        CHECKING,
        SARAH,
        {
            "outputs:requests": "/outputs/",
            "outputs:request": "/outputs/{open_request}/",
            "enclaves:running": "/enclaves/running/",
            "workspaces:live": "/workspaces/live/",
            "workspaces:held": "/workspaces/imports/",
            "workspaces:incidents": "/workspaces/incidents/",
        },
    ),
    *_places(CHECKING, MARC, {"outputs:request": "/outputs/{request}/"}),
    *_places(CHECKING, VICTOR, {"audit:journal": "/journal/"}),
)

DECLARE = "/lives/new/mr-declaration/"
PROGRAMS = "api:"
NONE_YET = "the demonstration has none: judged in both themes by test_offices.py"
NOT_VISITED = {
    "accounts:sign_out": "only a POST: the button of every page",
    "applications:edit": "leads to the first step",
    "drafts:attachment": "a file to download",
    "drafts:autosave": "a line inside a step's page",
    "drafts:copy": "only a POST: the button of a file",
    "drafts:basket": "only a POST: a button of the catalogue",
    "drafts:join": "only with a link that an invitation gives once",
    "assessments:conclusion": "only a POST: the button of the assessment's page",
    "assessments:version": "the page of assessments:versions, of an earlier submission",
    "assessments:withdraw": "only a POST: the button of the opinions' page",
    "audit:checkpoint": "a file for programs",
    "audit:export": "a file for programs",
    "audit:proof": "a file to download",
    "audit:verifier": "a file to download",
    "committees:cancellation": "only a POST: the button of a sitting",
    "committees:closing": "only a POST: the button of a sitting",
    "committees:listing": "only a POST: the form of a sitting",
    "committees:presence": "only a POST: the button of a sitting",
    "committees:unlisting": "only a POST: the button of a sitting",
    "opinions:attachment": "a file to download",
    "audit:export_checkpoints": "a file for programs",
    "cases:assignments": "only a POST: the button of the work list",
    "cases:opinions": "only a POST: the button of the work list",
    "cases:keep_view": "only a POST: the button of the work list",
    "cases:remove_view": "only a POST: the button of the work list",
    "catalogue:catalogue_rdf": "for programs",
    "catalogue:dataset_json": "for programs",
    "catalogue:dataset_rdf": "for programs",
    "catalogue:feed": "for programs",
    "catalogue:resource": "the demonstration harvests no series",
    "catalogue:resource_json": "for programs",
    "catalogue:resource_rdf": "for programs",
    "sources:harvest": "only a POST: the button of a source",
    "sources:source": "the demonstration has no source",
    "ingest:dataset": "for programs",
    "ingest:datasets": "for programs",
    "ingest:origin": "for programs",
    "enclaves:cancel": "only a POST: the button of a job",
    "enclaves:job_progress": "a part of the job's page, seen there",
    "workspaces:bundle": "for programs",
    "workspaces:close": "only a POST: the form of workspaces:live",
    "workspaces:enter": "only a POST: its link serves once, for a minute",
    "workspaces:failure": "for programs",
    "workspaces:incident": "the demonstration has no incident",
    "workspaces:import_content": "for programs",
    "workspaces:import_done": "for programs",
    "workspaces:judge": "only a POST: the buttons of workspaces:held",
    "workspaces:lift": "only a POST: the button of a closing",
    "workspaces:live_table": "a part of workspaces:live, seen there",
    "workspaces:propose": "only a POST: the button of a workspace",
    "workspaces:report": "for programs",
    "check:certificate": "a file for programs",
    "letters:pdf": "a sealed file",
    "letters:preview": "a letter as letters:letter shows it",
    "letters:twin": "a signed file",
    "extractions:answer_json": "a signed file",
    "lives:accept_all": "only a POST: the road presses its button",
    "lives:certificate": "a signed file",
    "lives:close": "needs a permit that is over: a demonstration has none",
    "lives:lift": "the page of lives:suspend, for a permit that is suspended",
    "lives:offer": "needs a permit offered under conditions: a demonstration has none",
    "extractions:confirm": "only a POST: the road presses its button",
    "extractions:order_json": "a signed file",
    "extractions:progress": "a part of the extraction's page, seen there",
    "lives:accept": "only a POST: the button of a condition",
    "lives:appeal": "the page of lives:start, about a refusal",
    "lives:deletion": "a form as that of lives:due, once a workspace is closed",
    "lives:evidence": "a form as that of lives:due, once a condition is accepted",
    "lives:grant": "a form as that of permits:decide, once a change is assessed",
    "lives:part": "leads to the page of what was asked",
    "messages:open": "leads to the file of the message",
    "messages:preference": "only a POST: the form of the messages' page",
    "messages:read_all": "only a POST: the button of the messages' page",
    "messages:try_again": "only a POST: the button of the mails' desk",
    "register:decision_json": "for programs",
    "register:feed": "for programs",
    "register:register_csv": "a file for programs",
    "register:register_json": "for programs",
    "register:register_jsonld": "for programs",
    "register:report_csv": "a file for programs",
    "register:report_json": "for programs",
    "register:state": "only a POST: the form of the report",
    "register:withdraw": "only a POST: the button of a statement",
    "aisystems:schema": "for programs",
    "boards:board_json": "for programs",
    "drills:report_json": "for programs",
    "drills:drill": "the report of a drill, which takes a minute to run",
    "aisystems:system_json": "for programs",
    "aisystems:systems_csv": "a file for programs",
    "aisystems:systems_json": "for programs",
    "aisystems:systems_jsonld": "for programs",
    "aisystems:take_back": "only a POST: the button of a system's history",
    "evaluations:attachment": "no question of a protocol takes a file",
    "evaluations:autosave": "a line inside a step",
    "evaluations:deviations_json": "for programs",
    "evaluations:edit": "leads to the first step",
    "evaluations:lock_json": "a signed file",
    "evaluations:protocol_json": "a signed file",
    "evaluations:report_json": "a signed file",
    "mailbox:blob": "for the agent alone",
    "mailbox:checkpoints": "for the agent alone",
    "mailbox:documents": "for the agent alone",
    "outputs:image": "an image inside a request's page",
    "outputs:withdraw": "only a POST: the button of a request's page",
    "outputs:decide": "only a POST: the buttons of a request's page",
    "outputs:dispose": "only a POST: the button of the checkers' desk",
    "outputs:edit": "a form as that of outputs:ask, once a request is returned",
    "outputs:recall": "only a POST: the form of a request's page",
    "outputs:remark": "only a POST: the form of a request's page",
    "outputs:submit": "only a POST: the button of a request's page",
    "permits:of_application": "leads to the permit",
    "permits:permit_json": "a signed file",
    "releases:download": "a file: the road downloads it",
    "releases:release_json": "a signed file",
    "site:alive": "for programs",
    "site:health": "for programs",
    "site:keys": "for programs",
    "site:language": "remembers, then comes back",
    "site:schema": "for programs",
    "site:theme": "remembers, then comes back",
}
NOT_VISITED |= dict.fromkeys(
    (
        *("fees:accept", "fees:answer", "fees:bill", "fees:compose", "fees:credit"),
        *("fees:decline", "fees:estimate", "fees:holder", "fees:invoice", "fees:invoice_pdf"),
        *("fees:invoice_xml", "fees:pass_on", "fees:pay", "fees:send", "fees:tariff_json"),
        *("fees:tariff_version", "fees:work"),
        *("holders:act", "holders:add", "holders:ask", "holders:call", "holders:calls"),
        *("holders:edit", "holders:evidence_json"),
        *("label:act", "label:declare", "label:evidence", "label:label", "label:picture"),
        "label:start",
        *("aisystems:act", "aisystems:add", "aisystems:answer", "aisystems:contradictions"),
        *("aisystems:edit", "aisystems:open_survey", "aisystems:system"),
        *("boards:board", "boards:close", "boards:entities", "boards:open", "boards:submit"),
        *("evaluations:checklist", "evaluations:deviate", "evaluations:file"),
        *("evaluations:file_report", "evaluations:lock", "evaluations:publish-report"),
        *("evaluations:order-run", "evaluations:record-run", "evaluations:revise-protocol"),
        "evaluations:step",
        *("evaluations:summary", "evaluations:withdraw"),
        *("committees:again", "committees:entry", "committees:minutes", "committees:sitting"),
        *("committees:step", "assessments:table", "opinions:give"),
        *("requests:answer_json", "requests:approval", "requests:ask-information"),
        *("requests:assess", "requests:attachment", "requests:autosave", "requests:confirm"),
        "requests:delete",
        *("requests:edit", "requests:file", "requests:go-on-without", "requests:no-estimate"),
        *("requests:order", "requests:order_json", "requests:progress", "requests:refuse"),
        *("requests:start-assessment", "requests:step", "requests:summary"),
        *("requests:tabulation", "requests:withdraw"),
        "webhooks:webhook",
    ),
    NONE_YET,
)

NOT_VISITED |= {
    "identities:start": "leads to the identity provider",
    "identities:come_back": "leads to one's rights, or says why not: see test_sign_in",
    "citizens:ask": "only a POST: the button of one's rights",
    "citizens:choose": "only a POST: the buttons of one's rights",
    "citizens:data_answer": "a part of the page of one's data",
    "citizens:kept_answer": "a part of the page of a receipt",
    "holders:source_applied": "only a POST: the button of a call",
    "holders:source_sealed": "a file to download",
    "holders:source_signed": "a file to download",
    "accounts:second_factor": "the demonstration asks no second code: see test_second_factor.py",
    "citizens:desk_receipt_pdf": "a file to download",
    "citizens:receipt_pdf": "a file to download",
    "findings:wish_desk_paper": "a file to download",
    "findings:wish_paper": "a file to download",
}
NOT_VISITED |= dict.fromkeys(
    (
        *("citizens:data", "citizens:mine", "citizens:others", "citizens:receipt"),
        "citizens:kept",
        *("citizens:desk", "citizens:desk_receipt", "citizens:requester"),
    ),
    "needs a number given in the session, or a proof: judged by test_citizen.py",
)
NOT_VISITED |= dict.fromkeys(
    (
        *("descriptions:act", "descriptions:autosave", "descriptions:every", "descriptions:file"),
        *("descriptions:judgement", "descriptions:page", "descriptions:review"),
        *("descriptions:start", "descriptions:tables", "descriptions:version"),
    ),
    "the demonstration has none: judged in both themes by test_describe.py",
)
NOT_VISITED |= dict.fromkeys(
    (
        *("findings:act", "findings:every", "findings:file", "findings:outcome"),
        *("findings:start", "findings:write"),
        *("findings:wish", "findings:wish_choose", "findings:wish_receipt"),
        *("findings:wish_others", "findings:wish_desk", "findings:wish_desk_receipt"),
    ),
    "the demonstration has none: judged in both themes by test_findings.py",
)


OTHER_LOOKS = (
    Look(theme="dsfr"),
    Look(width=390),
    Look(theme="dsfr", lang="en", width=390),
    Look(scheme="dark"),
    Look(theme="dsfr", width=390, scheme="dark"),
)
"""Beside the neutral theme in French on a desk, each page is judged in one of these, in turn."""


def address_names(site: Site) -> set[str]:
    """The names of all addresses of a site for people, from its URL patterns."""
    every = _names(get_resolver(URLCONFS[site]).url_patterns, "")
    return {name for name in every if not name.startswith(PROGRAMS)}


def _names(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}"


def numbers(demo: Demonstration, walk: Walk) -> dict[str, str]:
    """Have a file at every stage of the road; the numbers that addresses are made of."""
    done = walk.up_to("end")
    submitted, complete, assessed, asked = (demo.walk() for _ in range(4))
    submitted.up_to("assess")
    complete.up_to("assess")
    with Visitor(demo.url(PUBLIC)) as ines:
        ines.sign_in(INES[1], demo.password)
        ours = f"/cases/{submitted.road.application}/file/start-screening/"
        ines.submit(ines.get(ours), ours)
        number = complete.road.application
        for address in (
            f"/cases/{number}/file/start-screening/",
            f"/applications/{number}/complete/",
        ):
            ines.submit(ines.get(address), address)
    with Visitor(demo.url(PUBLIC)) as camille:
        camille.sign_in(CAMILLE[1], demo.password)
        address = f"/applications/start/{FIRST_STUDY.dataset}/"
        draft = camille.submit(camille.get(address), address).url
        declaration = camille.submit(camille.get(DECLARE), DECLARE).url
        written = f"/lives/{declaration.partition('/lives/')[2]}"
        camille.submit(camille.get(written), written, {"methodology": "MR-004@1"})
        letters = camille.get(f"/letters/{submitted.road.application}/")
        letter = re.findall(r'href="(/letters/[^"/]+/\d+/)"', letters.text)[0]
    return {
        "dataset": FIRST_STUDY.dataset,
        "declaration": declaration.split("/files/")[1].split("/")[0],
        "granted": done.application,
        "draft": draft.split("/drafts/")[1].split("/")[0],
        "submitted": submitted.road.application,
        "letter": letter,
        "complete": complete.road.application,
        "assessed": assessed.up_to("decide").application,
        "permit": done.permit,
        "extraction": done.extraction,
        "job": done.job,
        "request": done.request,
        "open_request": asked.up_to("first vote").request,
    }
