"""French is written in the code; English is complete, current and compiled."""

from ecluse.portal.site import translations


def test_every_french_text_of_the_portal_has_its_english() -> None:
    catalog = translations.merged(translations.stored(), translations.extracted())

    assert [message.id for message in translations.lacking(catalog)] == []


def test_no_english_outlives_its_french_text() -> None:
    written = {(message.context, str(message.id)) for message in translations.stored()}
    today = {(message.context, str(message.id)) for message in translations.extracted()}

    assert written - today == set()


def test_the_english_keeps_every_value_that_the_french_announces() -> None:
    mistakes = [(message.id, errors) for message, errors in translations.stored().check()]

    assert mistakes == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = translations.compile_catalog(translations.stored())

    assert translations.COMPILED.read_bytes() == compiled
