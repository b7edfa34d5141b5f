"""The Jinja2 environment of every page: the theme's folder first, then the apps' own."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ecluse.portal.site import controls, frame, menu, theme, tour, wording


class ThemedEnvironment(Environment):
    """An environment where `layout.html` and `components.html` are those of the active theme."""

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 (Jinja2's own name)
    ) -> Template:
        """Return the template; of the two that a theme provides, the active theme's own."""
        if name in theme.TEMPLATES:
            name = f"{theme.active()}/{name}"
        return super().get_template(name, parent, globals)


def environment(**options: Any) -> Environment:
    """Return the environment that Django's Jinja2 backend renders with.

    Templates may use, besides their own context:

    - `url(name, …)`, `asset(path)` (also `static`), `_()`, `{% trans %}`, `ngettext`, `pgettext`;
    - `theme()`, `language()`, `languages`, `site()`, `site_name()`, `is_demo()`, `is_here(…)`,
      `is_in(…)`;
    - filters `date`, `datetime`, `number`, `size`, `short_digest`, `written`.

    An undefined variable is an error: a page with a hole in it is never shown.
    """
    options["loader"] = ChoiceLoader([FileSystemLoader(theme.FOLDER), options["loader"]])
    options["undefined"] = StrictUndefined
    options["finalize"] = wording.finish
    options["extensions"] = ["jinja2.ext.i18n", "jinja2.ext.do", *options.get("extensions", ())]
    options.update(trim_blocks=True, lstrip_blocks=True)
    themed = ThemedEnvironment(**options)
    themed.policies["ext.i18n.trimmed"] = True
    _install_translations(themed)
    themed.globals.update(_globals())
    themed.filters.update(_filters())
    return themed


def _install_translations(themed: Environment) -> None:
    install: Callable[..., None] = getattr(themed, "install_gettext_callables")  # noqa: B009
    install(
        wording.translate,
        wording.translate_plural,
        newstyle=True,
        pgettext=wording.translate_in_context,
    )


def _globals() -> Mapping[str, object]:
    return {
        "url": address,
        "static": static,
        "asset": static,
        "theme": theme.active,
        "language": _language,
        "languages": (("fr", "Français"), ("en", "English")),
        "site": frame.site,
        "site_name": frame.site_name,
        "is_demo": frame.is_demo,
        "is_here": frame.is_here,
        "is_in": frame.is_in,
        "messages": frame.messages,
        "unread_messages": frame.unread_messages,
        "legal_links": frame.legal_links,
        "menu": menu.menu,
        "every_page": menu.every_page,
        "tour": tour.steps,
        "tour_accounts": tour.people,
        "name_of": tour.name_of,
        "place_names": tour.place_names,
        "theme_choices": frame.theme_choices,
        "theme_address": frame.theme_address,
        "language_address": frame.language_address,
        "control": controls.control,
        "control_kind": controls.kind,
        "first_control_id": controls.first_control_id,
        "is_optional": controls.is_optional,
        "error_id": controls.error_id,
        "help_id": controls.help_id,
        "page_numbers": page_numbers,
        "share": share,
    }


def _filters() -> Mapping[str, Callable[..., object]]:
    return {
        "date": wording.write_date,
        "datetime": wording.write_datetime,
        "number": wording.write_number,
        "size": wording.write_size,
        "short_digest": short_digest,
        "written": wording.write,
    }


def address(name: str, *args: object, **kwargs: object) -> str:
    """Return the address of a page by its name, `<app>:<page>`."""
    return reverse(name, args=args, kwargs=kwargs)


def _language() -> str:
    return "fr" if wording.is_french() else (translation.get_language() or "fr")[:2]


def short_digest(digest: str) -> Markup:
    """Return the algorithm and the first twelve digits of a digest, enough to compare by eye."""
    algorithm, _, digits = digest.rpartition(":")
    return Markup("{}{}…").format(f"{algorithm}:" if algorithm else "", digits[:12])


def page_numbers(current: int, last: int) -> list[int | None]:
    """Return the pages worth a link: the ends and the neighbours; None stands for a gap."""
    shown = sorted({1, last, *range(max(1, current - 1), min(last, current + 1) + 1)})
    numbers: list[int | None] = []
    for page in shown:
        if numbers and page - (numbers[-1] or 0) > 1:
            numbers.append(None)
        numbers.append(page)
    return numbers


def share(number: float, largest: float) -> str:
    """Return the length of a bar for a number, in hundredths of the longest bar."""
    return f"{100 * number / largest:.2f}" if largest else "0"
