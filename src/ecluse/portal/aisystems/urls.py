"""Addresses of the register of AI systems; that of a system is its number and never changes."""

from django.urls import path

from ecluse.portal.aisystems import file_views, survey_views, views

app_name = "aisystems"

urlpatterns = [
    path("", views.systems, name="systems"),
    path("systems.csv", file_views.systems_csv, name="systems_csv"),
    path("systems.json", file_views.systems_json, name="systems_json"),
    path("systems.jsonld", file_views.systems_jsonld, name="systems_jsonld"),
    path("schema.json", file_views.schema, name="schema"),
    path("new/", views.declare, name="declare"),
    path("import/", file_views.bring, name="bring"),
    path("contradictions/", views.contradictions, name="contradictions"),
    path("surveys/", survey_views.surveys, name="surveys"),
    path("surveys/new/", survey_views.open_survey, name="open_survey"),
    path("surveys/answers/<int:pk>/", survey_views.answer, name="answer"),
    path("<str:number>/", views.system, name="system"),
    path("<str:number>/system.json", file_views.system_json, name="system_json"),
    path("<str:number>/edit/", views.edit, name="edit"),
    path("<str:number>/add/<slug:kind>/", views.add, name="add"),
    path("<str:number>/entries/<int:pk>/withdraw/", views.take_back, name="take_back"),
    path("<str:number>/<slug:action>/", views.act, name="act"),
]
