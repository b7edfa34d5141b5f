"""Pages for a citizen whose number this session knows."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from ecluse.portal.accounts.access import SignedInRequest, signed_in
from ecluse.portal.identities.sessions import citizen_of

Parameters = ParamSpec("Parameters")


def with_number(
    view: Callable[Concatenate[SignedInRequest, Parameters], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    """Send visitors to sign in, citizens to give their number, then back; the rest to the view."""

    def guarded(
        request: SignedInRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponseBase:
        request.user.require("right.exercise")
        if not citizen_of(request).number:
            back = request.get_full_path() if request.method == "GET" else ""
            return redirect(f"{reverse('identities:number')}?{urlencode({'next': back})}")
        return view(request, *args, **kwargs)

    update_wrapper(guarded, view)
    return signed_in(guarded)
