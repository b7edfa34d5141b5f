"""The public site: catalogue, opt-outs, applications, permits, extractions, releases."""

from ecluse.portal.site.settings import environment
from ecluse.portal.site.settings.both import *  # noqa: F403 - the shared settings, as Django does
from ecluse.portal.site.settings.both import DJANGO_APPS, ECLUSE_PUBLIC_URL, SHARED_APPS

ECLUSE_SITE = "public"
ECLUSE_URL = ECLUSE_PUBLIC_URL
ECLUSE_RECEIVERS = "ecluse.portal.site.receivers_public.HANDLERS"
ECLUSE_SPEAKING = "ecluse.portal.findings.speaking.SPEAKING"
ECLUSE_ISSUE_LETTERS = "ecluse.portal.letters.actions.issue_waiting"
ECLUSE_TRUSTED_HOLDERS = "ecluse.portal.lives.reading.is_of_trusted_holder"
ECLUSE_BEFORE_OPENING = "ecluse.portal.evaluations.actions.check_may_open"
ECLUSE_LABELS = "ecluse.portal.label.reading.shown_of"
ECLUSE_LABEL_LETTERS = "ecluse.portal.label.reading.letters_of"
ECLUSE_LEAVING = "ecluse.portal.identities.sessions.leave_address"
ECLUSE_ACCEPTED_FEES = "ecluse.portal.fees.reading.accepted_fee_lines"
ROOT_URLCONF = "ecluse.portal.site.urls_public"

INSTALLED_APPS = [
    *SHARED_APPS,
    "ecluse.portal.catalogue",
    "ecluse.portal.optouts",
    "ecluse.portal.identities",
    "ecluse.portal.search",
    "ecluse.portal.cases",
    "ecluse.portal.webhooks",
    "ecluse.portal.messages",
    "ecluse.portal.drafts",
    "ecluse.portal.applications",
    "ecluse.portal.committees",
    "ecluse.portal.assessments",
    "ecluse.portal.permits",
    "ecluse.portal.requests",
    "ecluse.portal.letters",
    "ecluse.portal.holders",
    "ecluse.portal.descriptions",
    "ecluse.portal.label",
    "ecluse.portal.fees",
    "ecluse.portal.lives",
    "ecluse.portal.extractions",
    "ecluse.portal.releases",
    "ecluse.portal.register",
    "ecluse.portal.citizens",
    "ecluse.portal.findings",
    "ecluse.portal.aisystems",
    "ecluse.portal.evaluations",
    "ecluse.portal.boards",
    "ecluse.portal.drills",
    "ecluse.portal.api",
    *DJANGO_APPS,
]

SECRET_KEY = environment.secret_key("public")
DATABASES = {"default": environment.database("ecluse_public")}
ALLOWED_HOSTS = environment.allowed_hosts(ECLUSE_URL)
CSRF_TRUSTED_ORIGINS = [ECLUSE_URL]
SESSION_COOKIE_NAME = environment.cookie_name("ecluse_public_session", ECLUSE_URL)
CSRF_COOKIE_NAME = environment.cookie_name("ecluse_public_csrf", ECLUSE_URL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.is_secure(ECLUSE_URL)
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SESSION_COOKIE_SECURE
