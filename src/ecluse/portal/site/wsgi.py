"""The program that a web server runs; DJANGO_SETTINGS_MODULE says which of the two sites."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecluse.portal.site.settings.public")

answer = get_wsgi_application()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer a request, over TLS when the site's address says so.

    The reverse proxy ends TLS before us. The address is believed and no header is: without this,
    pages of a site in use would not tell browsers to come back over TLS.
    """
    if settings.SESSION_COOKIE_SECURE:
        environ["wsgi.url_scheme"] = "https"
    return answer(environ, start_response)
