"""Addresses of the workspaces."""

from django.urls import path

from ecluse.portal.enclaves import views

app_name = "enclaves"

urlpatterns = [
    path("", views.workspaces, name="workspaces"),
    path("running/", views.running, name="running"),
    path("jobs/<str:number>/", views.job, name="job"),
    path("jobs/<str:number>/cancel/", views.cancel, name="cancel"),
    path("jobs/<str:number>/progress/", views.job_progress, name="job_progress"),
    path("<str:number>/", views.workspace, name="workspace"),
    path("<str:number>/submit/", views.submit, name="submit"),
]
