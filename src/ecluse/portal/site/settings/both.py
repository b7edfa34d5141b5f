"""What the two sites share. Everything that differs between machines comes from the environment.

ECLUSE_HOME, DATABASE_URL, ECLUSE_PUBLIC_URL, ECLUSE_CHECKING_URL, ECLUSE_WORKSPACE_URL,
ECLUSE_THEME, ECLUSE_DEMO, ECLUSE_SECOND_FACTOR, ECLUSE_COUNTRY,
ECLUSE_CALENDAR, ECLUSE_SECRET_KEY, ECLUSE_SCAN, ECLUSE_WEBHOOK_HOSTS,
ECLUSE_API_REQUESTS_A_MINUTE, ECLUSE_SHAPES, ECLUSE_HARVEST_HOSTS, ECLUSE_ACCESS_BODY,
ECLUSE_LOGS, ECLUSE_TARIFFS, ECLUSE_SEAL_PASSPHRASE, ECLUSE_FRANCECONNECT and what is beside it. A
site adds its name, its apps, its database and its cookies.
"""

import os
from pathlib import Path
from typing import Final

from ecluse.portal.site.settings import environment

SITE_FOLDER: Final = Path(__file__).resolve().parent.parent

ECLUSE_HOME = environment.home()
ECLUSE_DEMO = os.environ.get("ECLUSE_DEMO") == "1"
ECLUSE_THEME = os.environ.get("ECLUSE_THEME", "neutral")
ECLUSE_PUBLIC_URL = os.environ.get("ECLUSE_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ECLUSE_CHECKING_URL = os.environ.get("ECLUSE_CHECKING_URL", "http://127.0.0.1:8001").rstrip("/")
ECLUSE_WORKSPACE_URL = os.environ.get("ECLUSE_WORKSPACE_URL", "http://127.0.0.1:8002").rstrip("/")
ECLUSE_ORIGIN = os.environ.get("ECLUSE_ORIGIN", "ecluse")
ECLUSE_CALENDAR = os.environ.get("ECLUSE_CALENDAR", "FR")
ECLUSE_COUNTRY = os.environ.get("ECLUSE_COUNTRY", "fr").lower()
"""By which days off a file is counted: a key of `domain.clocks.calendars.CALENDARS`."""

ECLUSE_JOURNAL_AT_ONCE = False
"""Chain each entry in the transaction of its act: for tests, whose transactions never commit."""

DEBUG = False
WSGI_APPLICATION = "ecluse.portal.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DJANGO_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
]
SHARED_APPS = [
    "ecluse.portal.site",
    "ecluse.portal.audit",
    "ecluse.portal.mailbox",
    "ecluse.portal.accounts",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ecluse.portal.site.logs.answers_told",
    "csp.middleware.CSPMiddleware",
    "ecluse.portal.site.middleware.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ecluse.portal.site.middleware.language",
    "ecluse.portal.site.middleware.look",
    "django.middleware.common.CommonMiddleware",
    "ecluse.portal.site.middleware.BodyLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ecluse.portal.site.middleware.EcluseErrors",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"environment": "ecluse.portal.site.jinja.environment"},
    }
]

# Accounts, sign-in, sessions: twelve hours from the sign-in, never extended.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
# A second code at sign-in for the roles that read what citizens ask; an invented country has none.
ECLUSE_SECOND_FACTOR = (
    os.environ.get("ECLUSE_SECOND_FACTOR", "off" if ECLUSE_DEMO else "on") != "off"
)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "ecluse.portal.accounts.passwords.PlaceWordsValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ecluse.portal.site.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Languages: French is written in the code, English translated; never by the browser's preference.
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "ecluse_language"
LOCALE_PATHS = [SITE_FOLDER / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# Static files: ours and the one script that pages use; found at start-up, nothing to collect.
STATIC_URL = "/static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "ecluse.portal.site.staticfiles.StateDesignFinder",
]
STATICFILES_DIRS = [
    SITE_FOLDER / "static",
    ("django_htmx", environment.package_folder("django_htmx") / "static" / "django_htmx"),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

# The State's sign-in of citizens (an OpenID Connect issuer), and the third party's directory, which
# says whose a number is. Without them: no such sign-in; numbers are compared with identities alone.
ECLUSE_FRANCECONNECT = os.environ.get("ECLUSE_FRANCECONNECT", "").rstrip("/")
ECLUSE_FRANCECONNECT_ID = os.environ.get("ECLUSE_FRANCECONNECT_ID", "")
ECLUSE_FRANCECONNECT_SECRET = os.environ.get("ECLUSE_FRANCECONNECT_SECRET", "")
ECLUSE_DIRECTORY = os.environ.get("ECLUSE_DIRECTORY", "")
ECLUSE_DIRECTORY_TOKEN = os.environ.get("ECLUSE_DIRECTORY_TOKEN", "")
ECLUSE_LEAVING = ""
"""What ends the session at an identity provider, where this site has one."""

# What a browser may do with our pages. Signing out posts a form that the provider answers too.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", *environment.origins(ECLUSE_FRANCECONNECT)],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# What a request may weigh; the mailbox and the files it carries have limits of their own.
ECLUSE_BODY_BYTES = 25 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Where the tariffs of this hub and the issuer of its invoices are; the examples of the package.
ECLUSE_TARIFFS = os.environ.get("ECLUSE_TARIFFS", "")

# Whom webhooks may call inside a private network, and how often a token may ask.
ECLUSE_WEBHOOK_HOSTS = frozenset(os.environ.get("ECLUSE_WEBHOOK_HOSTS", "").split())
ECLUSE_API_REQUESTS_A_MINUTE = int(os.environ.get("ECLUSE_API_REQUESTS_A_MINUTE", "600"))

# The catalogue: the folder of the shapes and lists of the standard, the hosts inside a private
# network that may be harvested, and the name of the health data access body that runs the site.
ECLUSE_SHAPES = os.environ.get("ECLUSE_SHAPES", str(ECLUSE_HOME / "shapes"))
ECLUSE_HARVEST_HOSTS = frozenset(os.environ.get("ECLUSE_HARVEST_HOSTS", "").split())
ECLUSE_ACCESS_BODY = os.environ.get("ECLUSE_ACCESS_BODY", "Écluse")

# The search for viruses in attached files: a command, such as clamdscan; `off` searches nothing.
ECLUSE_SCAN = os.environ.get("ECLUSE_SCAN", "off" if ECLUSE_DEMO else "")

# What opens the seal of letters where it is kept in a PKCS #12 file.
ECLUSE_SEAL_PASSPHRASE = os.environ.get("ECLUSE_SEAL_PASSPHRASE", "")

# Mails: the server that takes them, and who they come from. Without a server, none is sent.
_mail = environment.mail_server(os.environ.get("ECLUSE_SMTP_URL", ""))
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.starts_tls, _mail.is_tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("ECLUSE_MAIL_FROM", "ecluse@localhost")

LOGS: Final = environment.one_of("ECLUSE_LOGS", ("text", "json"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "ecluse.portal.site.logs.CodesOnly"},
        "json": {"()": "ecluse.portal.site.logs.ObjectLines"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOGS}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "ecluse.requests": {"level": "INFO" if LOGS == "json" else "WARNING"},
        # What makes letters tells each of its steps, and quotes their texts.
        **{name: {"level": "WARNING"} for name in ("fontTools", "pyhanko", "weasyprint")},
    },
}
