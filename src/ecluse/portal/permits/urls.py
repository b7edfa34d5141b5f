"""Addresses of permits."""

from django.urls import path

from ecluse.portal.permits import views

app_name = "permits"

urlpatterns = [
    path("", views.permits, name="permits"),
    path("decisions/<str:number>/", views.decide, name="decide"),
    path("applications/<str:number>/", views.of_application, name="of_application"),
    path("<str:number>/", views.permit, name="permit"),
    path("<str:number>/permit.json", views.permit_json, name="permit_json"),
    path("<str:number>/revocation/", views.revoke, name="revoke"),
]
