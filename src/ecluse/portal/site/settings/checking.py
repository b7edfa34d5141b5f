"""The checking room: analyses ordered, outputs checked. Its own database and its own log-in."""

from ecluse.portal.site.settings import environment
from ecluse.portal.site.settings.both import *  # noqa: F403 - the shared settings, as Django does
from ecluse.portal.site.settings.both import DJANGO_APPS, ECLUSE_CHECKING_URL, SHARED_APPS

ECLUSE_SITE = "checking"
ECLUSE_URL = ECLUSE_CHECKING_URL
ECLUSE_RECEIVERS = "ecluse.portal.site.receivers_checking.HANDLERS"
ROOT_URLCONF = "ecluse.portal.site.urls_checking"

INSTALLED_APPS = [
    *SHARED_APPS,
    "ecluse.portal.enclaves",
    "ecluse.portal.workspaces",
    "ecluse.portal.outputs",
    *DJANGO_APPS,
]

SECRET_KEY = environment.secret_key("checking")
DATABASES = {"default": environment.database("ecluse_checking")}
ALLOWED_HOSTS = environment.allowed_hosts(ECLUSE_URL)
CSRF_TRUSTED_ORIGINS = [ECLUSE_URL]
SESSION_COOKIE_NAME = environment.cookie_name("ecluse_checking_session", ECLUSE_URL)
CSRF_COOKIE_NAME = environment.cookie_name("ecluse_checking_csrf", ECLUSE_URL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.is_secure(ECLUSE_URL)
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SESSION_COOKIE_SECURE
