"""Addresses of the accounts."""

from django.urls import path

from ecluse.portal.accounts import second_factor_views, views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("second-factor/", second_factor_views.second_factor_page, name="second_factor"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("password/", views.password, name="password"),
    path("profile/", views.profile, name="profile"),
]
