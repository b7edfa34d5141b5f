"""Addresses of the register; that of a decision is its number and never changes."""

from django.urls import path

from ecluse.portal.register import report_views, result_views, views

app_name = "register"

urlpatterns = [
    path("", views.register, name="register"),
    path("register.csv", views.register_csv, name="register_csv"),
    path("register.json", views.register_json, name="register_json"),
    path("register.jsonld", views.register_jsonld, name="register_jsonld"),
    path("feed.atom", views.feed, name="feed"),
    path("due/", views.due, name="due"),
    path("report/", report_views.report, name="report"),
    path("report/report.csv", report_views.report_csv, name="report_csv"),
    path("report/report.json", report_views.report_json, name="report_json"),
    path("report/statements/", report_views.state, name="state"),
    path("report/statements/<int:pk>/", report_views.withdraw, name="withdraw"),
    path("results/<str:number>/", result_views.publish_result, name="publish_result"),
    path("<str:number>/", views.decision, name="decision"),
    path("<str:number>/decision.json", views.decision_json, name="decision_json"),
]
