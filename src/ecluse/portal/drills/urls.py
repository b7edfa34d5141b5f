"""Addresses of drills; that of a report is its number."""

from django.urls import path

from ecluse.portal.drills import views

app_name = "drills"

urlpatterns = [
    path("", views.every, name="every"),
    path("<str:number>/", views.drill, name="drill"),
    path("<str:number>/report.json", views.report_json, name="report_json"),
]
