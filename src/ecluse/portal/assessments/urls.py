"""Addresses of assessments, for those who read them."""

from django.urls import path

from ecluse.portal.assessments import opinion_views, views

app_name = "assessments"

urlpatterns = [
    path("<str:number>/", views.overview, name="overview"),
    path("<str:number>/questions/<slug:letter>/", views.question, name="question"),
    path("<str:number>/conclusion/", views.conclusion, name="conclusion"),
    path("<str:number>/variables/", views.variables, name="variables"),
    path("<str:number>/variables/<str:table>/", views.table, name="table"),
    path("<str:number>/versions/", views.versions, name="versions"),
    path("<str:number>/versions/<int:round>/", views.versions, name="version"),
    path("<str:number>/opinions/", opinion_views.asked, name="opinions"),
    path("<str:number>/opinions/<int:pk>/withdrawal/", opinion_views.withdraw, name="withdraw"),
]
