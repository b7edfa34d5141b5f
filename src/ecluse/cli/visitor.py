"""A visitor of a site through its public doors: pages, forms, cookies, a browser without scripts.

The tour and the end-to-end tests use it, so that they meet what people meet: sign-in, CSRF tokens,
validation messages, redirections.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

import httpx

from ecluse.domain.errors import EcluseError, InvalidInput, NotAllowed, NotFound, Unreachable

ERRORS: Mapping[int, type[EcluseError]] = {403: NotAllowed, 404: NotFound, 422: InvalidInput}

Value = str | Sequence[str]

MESSAGE_CHARACTERS = 500


@dataclass
class Form:
    """A form of a page: where it goes, what it holds before anything is filled in."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What a site answered."""

    url: str
    status: int
    text: str
    forms: tuple[Form, ...]
    words: str

    def form(self, action: str) -> Form:
        """The first form whose address holds `action`. Raises NotFound."""
        for form in self.forms:
            if action in form.action:
                return form
        known = ", ".join(form.action for form in self.forms) or "none"
        raise NotFound(f"{self.url} has no form to {action!r}; its forms go to: {known}.")


class Visitor:
    """One person's browser on one site."""

    def __init__(self, site_url: str) -> None:
        """Open a browser on the site; nothing is fetched yet."""
        self.site_url = site_url.rstrip("/")
        self.client = httpx.Client(base_url=self.site_url, follow_redirects=True, timeout=60)

    def __enter__(self) -> Self:
        """Begin a visit."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of the visit."""
        self.client.close()

    def get(self, path: str) -> Page:
        """The page at `path`. Raises NotAllowed, NotFound, Unreachable."""
        return self._read(lambda: self.client.get(path))

    def download(self, path: str) -> bytes:
        """The bytes served at `path`. Raises NotAllowed, NotFound, Unreachable."""
        response = self._ask(lambda: self.client.get(path))
        _check(response)
        return response.content

    def submit(
        self,
        page: Page,
        action: str,
        values: Mapping[str, Value] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Page:
        """The page that follows the form to `action`, filled in with `values`.

        Values that the page already holds are sent as they are, as a browser does. Raises
        InvalidInput with the messages of the form, NotAllowed, NotFound, Unreachable.
        """
        form = page.form(action)
        data = {**form.values, **{name: _listed(value) for name, value in (values or {}).items()}}
        target = form.action or page.url
        headers = {"Referer": page.url}
        return self._read(lambda: self.client.post(target, data=data, files=files, headers=headers))

    def sign_in(self, email: str, password: str) -> Page:
        """The page that follows the sign-in. Raises NotAllowed."""
        page = self.get("/accounts/sign-in/")
        values = {"email": email, "password": password}
        after = self.submit(page, "sign-in", values)
        if any("sign-in" in form.action for form in after.forms):
            raise NotAllowed(f"{email} could not sign in at {self.site_url}: check the password.")
        return after

    def wait_for(self, path: str, is_ready: Callable[[Page], bool], *, seconds: float) -> Page:
        """The page at `path` once it is there and ready. Raises Unreachable after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            with suppress(NotFound):  # what a document makes is there once it has arrived
                page = self.get(path)
                if is_ready(page):
                    return page
            if time.monotonic() > deadline:
                raise Unreachable(
                    f"{self.site_url}{path} did not change within {seconds:.0f} s: is the agent"
                    " running? See `ecluse status`."
                )
            time.sleep(0.1)

    def _read(self, ask: Callable[[], httpx.Response]) -> Page:
        response = self._ask(ask)
        reader = _Reader()
        reader.feed(response.text)
        words = " ".join(" ".join(reader.texts).split())
        page = Page(
            str(response.url), response.status_code, response.text, tuple(reader.forms), words
        )
        _check(response, reader.errors or reader.main)
        return page

    def _ask(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return ask()
        except httpx.TransportError as error:
            raise Unreachable(
                f"{self.site_url} does not answer ({type(error).__name__}): start it with"
                " `ecluse demo`."
            ) from None


def _listed(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _check(response: httpx.Response, errors: Sequence[str] = ()) -> None:
    if response.is_success:
        return
    said = " ".join(" ".join(errors).split())[:MESSAGE_CHARACTERS] or response.reason_phrase
    error = ERRORS.get(response.status_code, EcluseError)
    raise error(f"{response.url.path} answered {response.status_code}: {said}")


class _Reader(HTMLParser):
    """Forms with their present values, messages of error, and the words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: list[str] = []
        self.errors: list[str] = []
        self.main: list[str] = []
        self._is_main = False
        self._select: str | None = None
        self._select_is_multiple = False
        self._textarea: str | None = None
        self._depth_of_error = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value if value is not None else name for name, value in attrs}
        if self._depth_of_error or _tells_error(given):
            self._depth_of_error += tag not in VOID
        self._is_main = self._is_main or tag == "main"
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif self.forms:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select" and name:
            self._select, self._select_is_multiple = name, "multiple" in given
        elif tag == "option" and self._select:
            self._option(given)
        elif tag == "textarea" and name:
            self._textarea = name
            self.forms[-1].values.setdefault(name, [""])

    def _input(self, name: str, given: dict[str, str]) -> None:
        form, kind = self.forms[-1], given.get("type", "text")
        value = given.get("value", "on" if kind in ("checkbox", "radio") else "")
        if kind in ("checkbox", "radio"):
            form.offered.setdefault(name, []).append(value)
            if "checked" not in given:
                return
        if kind not in ("submit", "file", "button"):
            form.values.setdefault(name, []).append(value)

    def _option(self, given: dict[str, str]) -> None:
        form, name = self.forms[-1], self._select or ""
        offered = form.offered.setdefault(name, [])
        offered.append(given.get("value", ""))
        is_first_of_single = len(offered) == 1 and not self._select_is_multiple
        if "selected" in given or is_first_of_single:
            kept = form.values.get(name, []) if self._select_is_multiple else []
            form.values[name] = [*kept, given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if self._depth_of_error:
            self._depth_of_error -= 1
        self._is_main = self._is_main and tag != "main"
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            before = self.forms[-1].values[self._textarea][0]
            self.forms[-1].values[self._textarea] = [before + data]
            return
        self.texts.append(data)
        if self._depth_of_error:
            self.errors.append(data)
        if self._is_main:
            self.main.append(data)


VOID = frozenset({"input", "br", "img", "meta", "link", "hr", "path", "rect", "use"})


def _tells_error(given: dict[str, str]) -> bool:
    classes = given.get("class", "").split()
    return bool({"error", "alert-error", "fr-error-text", "error-message"} & set(classes))
