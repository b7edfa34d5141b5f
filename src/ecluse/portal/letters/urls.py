"""Addresses of letters."""

from django.urls import path

from ecluse.portal.letters import views

app_name = "letters"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("<str:number>/", views.of_file, name="of_file"),
    path("<str:number>/<int:pk>/", views.letter, name="letter"),
    path("<str:number>/<int:pk>/letter.<slug:language>.pdf", views.pdf, name="pdf"),
    path("<str:number>/<int:pk>/letter.json", views.twin, name="twin"),
    path("<str:number>/<slug:item_id>/<slug:action>/", views.preview, name="preview"),
]
