"""Addresses of releases."""

from django.urls import path

from ecluse.portal.releases import views

app_name = "releases"

urlpatterns = [
    path("", views.every, name="every"),
    path("permits/<str:permit_number>/", views.releases, name="releases"),
    path("<str:number>/", views.release, name="release"),
    path("<str:number>/release.json", views.release_json, name="release_json"),
    path("<str:number>/files/<int:file_id>/", views.download, name="download"),
]
