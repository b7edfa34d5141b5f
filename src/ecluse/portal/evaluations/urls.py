"""Addresses of evaluations; that of an evaluation is its number and never changes."""

from django.urls import path

from ecluse.portal.applications import step_views
from ecluse.portal.evaluations import file_views, views, work_views

app_name = "evaluations"
WRITTEN = {"pages": views.WRITTEN}

urlpatterns = [
    path("", views.every, name="every"),
    path("new/", views.start, name="start"),
    path("<str:number>/", views.file, name="file"),
    path("<str:number>/checklist/", views.checklist, name="checklist"),
    path("<str:number>/protocol.json", file_views.protocol_json, name="protocol_json"),
    path("<str:number>/lock.json", file_views.lock_json, name="lock_json"),
    path("<str:number>/deviations.json", file_views.deviations_json, name="deviations_json"),
    path("<str:number>/report.json", file_views.report_json, name="report_json"),
    path("<str:number>/edit/", step_views.edit, WRITTEN, name="edit"),
    path("<str:number>/summary/", views.summary, name="summary"),
    *step_views.addresses(views.WRITTEN),
    path("<str:number>/lock/", work_views.lock, name="lock"),
    path("<str:number>/deviation/", work_views.deviate, name="deviate"),
    path("<str:number>/report/", work_views.file_report, name="file_report"),
    *(
        path(f"<str:number>/{action}/", work_views.act, {"action": action}, name=action)
        for action in views.ACTED
    ),
]
