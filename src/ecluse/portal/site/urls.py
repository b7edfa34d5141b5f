"""Addresses that both sites have."""

from django.urls import path

from ecluse.portal.site import health, views

app_name = "site"

urlpatterns = [
    path("", views.home, name="home"),
    path("language/<slug:code>/", views.language, name="language"),
    path("theme/<slug:name>/", views.look, name="theme"),
    *(path(f"{page}/", views.legal_page, {"page": page}, name=page) for page in views.LEGAL_PAGES),
    path("health", health.ready, name="health"),
    path("health/live", health.live, name="alive"),
    path("keys.json", views.keys, name="keys"),
    path("schemas/<str:name>", views.schema, name="schema"),
]
