"""Addresses of the checking room."""

from ecluse.portal.site import urls_both
from ecluse.portal.site.urls_both import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

OWN = urls_both.under_own_name("enclaves", "workspaces", "outputs")

urlpatterns = [*urls_both.urlpatterns, *OWN]
