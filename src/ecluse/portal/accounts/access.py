"""Pages for people who are signed in."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from ecluse.portal.accounts.models import User

Parameters = ParamSpec("Parameters")


class SignedInRequest(HttpRequest):
    """A request whose `user` has an account."""

    user: User


def signed_in(
    view: Callable[Concatenate[SignedInRequest, Parameters], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    """Send visitors to the sign-in page, then back; others to the view."""

    def guarded(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(cast(SignedInRequest, request), *args, **kwargs)

    update_wrapper(guarded, view)
    return guarded
