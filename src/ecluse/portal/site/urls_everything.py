"""Addresses of both sites at once, for the tests: no address of one is an address of the other."""

from ecluse.portal.site import urls_both, urls_checking, urls_public
from ecluse.portal.site.urls_both import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*urls_both.urlpatterns, *urls_public.OWN, *urls_checking.OWN]
