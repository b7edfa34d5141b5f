"""Addresses of files while they are written."""

from django.urls import path

from ecluse.portal.applications import draft_views, step_views
from ecluse.portal.applications.views import WRITTEN

app_name = "drafts"

urlpatterns = [
    path("", draft_views.mine, name="mine"),
    path("basket/", draft_views.basket, name="basket"),
    path("join/<str:token>/", draft_views.join, name="join"),
    path("<str:number>/", draft_views.overview, name="overview"),
    path("<str:number>/team/", draft_views.team, name="team"),
    path("<str:number>/upgrade/", draft_views.upgrade, name="upgrade"),
    path("<str:number>/copy/", draft_views.copy, name="copy"),
    *step_views.addresses(WRITTEN),
]
