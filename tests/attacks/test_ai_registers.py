"""Files of other registers that would make the site fetch, swell, break or run something."""

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.portal.aisystems.incoming import LARGEST, read
from ecluse.portal.aisystems.rulebook import fields

NAMESPACE = 'xmlns="https://mc.chai.org/v0.2/schema.xsd"'
CARD = (
    f"<AppliedModelCard {NAMESPACE}><BasicInfo><ModelName>{{name}}</ModelName></BasicInfo>"
    "</AppliedModelCard>"
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    + CARD.format(name="&b;")
)
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + CARD.format(name="&a;")
OUTSIDE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + CARD.format(name="x")
STYLE = '<?xml-stylesheet href="http://127.0.0.1:1/x"?>' + CARD.format(name="x")
DEEP = f"<AppliedModelCard {NAMESPACE}>" + "<a>" * 5_000 + "</a>" * 5_000 + "</AppliedModelCard>"
OTHER = "<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.mark.parametrize(
    "hostile",
    [BOMB, FILE, OUTSIDE, STYLE, DEEP, OTHER, "<AppliedModelCard/>", CARD.format(name="<"), "<"],
    ids=["bomb", "file", "outside", "style", "deep", "other", "no space", "broken", "cut"],
)
def test_a_card_that_is_more_than_a_card_is_refused(hostile: str) -> None:
    with pytest.raises(InvalidInput):
        read(hostile.encode(), fields())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04\xff\xfe",
        b"name\n",
        b"colour,shape\nred,round\n",
        b"<" * (LARGEST + 1),
        b"Device\n" + b"x\n" * 5_001,
    ],
    ids=["empty", "binary", "header alone", "other columns", "too large", "too many rows"],
)
def test_a_file_of_no_known_register_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(data, fields())


def test_what_a_card_says_is_text_and_nothing_else() -> None:
    source, (content,) = read(CARD.format(name="&lt;script&gt;x&lt;/script&gt;").encode(), fields())

    assert source == "chai"
    assert content.texts == {"trade_name": "<script>x</script>"}
