"""Addresses of leaderboards; that of a board is its number and never changes."""

from django.urls import path

from ecluse.portal.boards import views

app_name = "boards"

urlpatterns = [
    path("", views.boards, name="boards"),
    path("new/", views.open_board, name="open"),
    path("entities/", views.entities, name="entities"),
    path("<str:number>/", views.board, name="board"),
    path("<str:number>/board.json", views.board_json, name="board_json"),
    path("<str:number>/submit/", views.submit, name="submit"),
    path("<str:number>/close/", views.close, name="close"),
]
