"""The program that a web server runs; DJANGO_SETTINGS_MODULE says which of the two sites."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecluse.portal.site.settings.public")

application = get_wsgi_application()
