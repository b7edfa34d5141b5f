"""The page of a report on paper: PDF/UA, where the program that prints is installed."""

from ecluse.domain.errors import SetupIncomplete


def print_page(page: str) -> bytes:
    """Return a page as PDF/UA-1. Nothing is fetched: the page holds all that it shows.

    Raises:
        SetupIncomplete: WeasyPrint is not installed on this machine.
    """
    try:
        import weasyprint
    except ImportError:
        raise SetupIncomplete(
            "WeasyPrint manque ici : installez ecluse avec le portail, ou imprimez la page HTML."
        ) from None
    data: bytes = weasyprint.HTML(string=page, url_fetcher=_fetch_nothing).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=b"ecluse"
    )
    return data


def _fetch_nothing(url: str) -> None:
    raise ValueError(f"The page asks for {url[:40]}: a report needs nothing from elsewhere.")
