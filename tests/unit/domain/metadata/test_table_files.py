"""Tables are read from the files that holders have: delimited text, SQL, JSON schemas."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import InvalidInput
from ecluse.domain.metadata import Table, Text
from ecluse.domain.metadata.table_files import BYTES_MOST, read_tables
from ecluse.domain.metadata.tables.drafts import TABLES_MOST

SHARED = Path(__file__).parents[5] / "shared" / "snds"

POSTGRES = """
\\restrict kG3
-- Name: visits; Type: TABLE
SET default_tablespace = '';
CREATE TABLE public.visits (
    visit bigint NOT NULL,
    "seen on" timestamp(0) without time zone DEFAULT now(),
    key character varying(10) COLLATE "C",
    cost numeric(9,2) CHECK (cost > 0),
    rank numeric(3,0),
    tags text[],
    is_urgent boolean DEFAULT false NOT NULL,
    CONSTRAINT visits_pk PRIMARY KEY (visit, key),
    EXCLUDE USING gist (visit WITH =)
) PARTITION BY RANGE (visit);
CREATE TABLE public.visits_2021 PARTITION OF public.visits FOR VALUES IN (2021);
CREATE INDEX visits_seen ON public.visits ("seen on");
COMMENT ON TABLE public.visits IS 'Visites aux urgences';
COMMENT ON COLUMN public.visits."seen on" IS 'Le jour de l''arrivée
à l''accueil';
CREATE FUNCTION f() RETURNS trigger AS $body$ BEGIN INSERT INTO x; END $body$ LANGUAGE plpgsql;
"""

MYSQL = """
/*!40101 SET NAMES utf8 */;
CREATE TABLE IF NOT EXISTS `clinic`.`drugs` (
  `id` int(11) NOT NULL AUTO_INCREMENT COMMENT 'Numéro; de ligne',
  `given` tinyint(1) DEFAULT NULL,
  `route` enum('oral','IV, slow') COMMENT 'Voie',
  `born` year(4),
  `picture` longblob,
  PRIMARY KEY (`id`),
  KEY `given_idx` (`given`),
  FULLTEXT KEY `words` (`route`)
) ENGINE=InnoDB COMMENT='Médicaments';
CREATE TRIGGER t BEFORE INSERT ON drugs FOR EACH ROW BEGIN
  INSERT INTO log VALUES (1);
END;
"""

ORACLE = """
CREATE GLOBAL TEMPORARY TABLE "ORAREP"."ER_PRS_F" (
  "BEN_NIR_PSA" VARCHAR2(17 BYTE),
  "PRS_ACT_QTE" NUMBER(4),
  "PRS_PAI_MNT" NUMBER(9, 2),
  "EXE_SOI_DTD" DATE DEFAULT SYSDATE
)
/
CREATE TABLE OTHER (A NUMBER)
/
COMMENT ON COLUMN "ORAREP"."ER_PRS_F"."PRS_PAI_MNT" IS 'Montant payé';
"""

SQLITE = "create table [stays](id integer primary key, [the day] date, note) without rowid"


def columns(table: Table) -> list[tuple[str, str, str]]:
    """Return the name, type and first title of each column."""
    return [
        (each.name.words, each.datatype.words, each.titles[0].words)
        for each in table.variables
        if each.name and each.datatype
    ]


def test_definitions_of_postgresql_are_read_with_their_comments() -> None:
    (visits,) = read_tables("schema.sql", POSTGRES.encode())

    assert visits.titles == (Text("visits"), Text("Visites aux urgences"))
    assert columns(visits) == [
        ("visit", "integer", "visit"),
        ("seen on", "dateTime", "Le jour de l'arrivée à l'accueil"),
        ("key", "string", "key"),
        ("cost", "decimal", "cost"),
        ("rank", "integer", "rank"),
        ("tags", "string", "tags"),
        ("is_urgent", "boolean", "is_urgent"),
    ]


def test_definitions_of_mysql_are_read_with_their_comments() -> None:
    (drugs,) = read_tables("schema.sql", MYSQL.encode())

    assert drugs.titles == (Text("drugs"), Text("Médicaments"))
    assert columns(drugs) == [
        ("id", "integer", "Numéro; de ligne"),
        ("given", "boolean", "given"),
        ("route", "string", "Voie"),
        ("born", "gYear", "born"),
        ("picture", "base64Binary", "picture"),
    ]


def test_definitions_of_oracle_end_with_a_slash() -> None:
    prestations, other = read_tables("schema.DDL", ORACLE.encode("cp1252"))

    assert columns(prestations) == [
        ("BEN_NIR_PSA", "string", "BEN_NIR_PSA"),
        ("PRS_ACT_QTE", "integer", "PRS_ACT_QTE"),
        ("PRS_PAI_MNT", "decimal", "Montant payé"),
        ("EXE_SOI_DTD", "date", "EXE_SOI_DTD"),
    ]
    assert columns(other) == [("A", "decimal", "A")]


def test_definitions_of_sqlite_need_neither_types_nor_a_last_semicolon() -> None:
    (stays,) = read_tables("schema.sql", SQLITE.encode())

    assert columns(stays) == [
        ("id", "integer", "id"),
        ("the day", "date", "the day"),
        ("note", "string", "note"),
    ]


def test_tables_of_one_name_in_two_schemas_keep_their_schema() -> None:
    script = b"CREATE TABLE care.a (x int); CREATE TABLE pay.a (x int); CREATE TABLE pay.b (x int);"

    found = read_tables("schema.sql", script)

    assert [table.titles[0].words for table in found] == ["care.a", "pay.a", "b"]


def test_a_dump_with_rows_is_refused_before_its_rows_are_looked_at() -> None:
    dump = b"CREATE TABLE a (b int);\nCOPY public.a (b) FROM stdin;\n1\td'Artagnan\n\\.\n"

    with pytest.raises(InvalidInput, match="holds rows") as refused:
        read_tables("dump.sql", dump)

    assert "Artagnan" not in str(refused.value)


def test_the_heads_of_a_delimited_file_are_its_columns_and_its_values_tell_types() -> None:
    text = (
        "identifiant;naissance;code;montant;saisi;mois;oui;note;vide\n"
        "1;12/03/1980;01;1,50;2020-01-01T10:00;2020-01;true;vu;\n"
        "22;01/01/2000;12;3;2020-01-02 10:00:30;2020-02;FALSE;;\n"
    )

    (table,) = read_tables("export/visites.csv", text.encode("utf-8-sig"))

    assert table.titles == (Text("visites"),)
    assert columns(table) == [
        ("identifiant", "integer", "identifiant"),
        ("naissance", "date", "naissance"),
        ("code", "string", "code"),
        ("montant", "decimal", "montant"),
        ("saisi", "dateTime", "saisi"),
        ("mois", "gYearMonth", "mois"),
        ("oui", "boolean", "oui"),
        ("note", "string", "note"),
        ("vide", "string", "vide"),
    ]


def test_a_delimited_file_without_names_is_refused_and_its_values_are_not_told() -> None:
    with pytest.raises(InvalidInput, match="Column 2 of the first line holds a value") as refused:
        read_tables("a.csv", b"Dupont;1980-03-12\nDurand;1990-01-01\n")

    assert "1980" not in str(refused.value)


def test_a_dictionary_of_variables_gives_the_tables_that_it_lists() -> None:
    text = (
        "Table,Nom de la variable,Libellé,Type,Définition\n"
        'sejours,entree,Entrée,Date,"Jour, heure locale"\n'
        "sejours,duree,Durée,entier,\n"
        "actes,code,,texte,\n"
    )

    sejours, actes = read_tables("dictionnaire.csv", text.encode())

    assert columns(sejours) == [("entree", "date", "Entrée"), ("duree", "integer", "Durée")]
    assert sejours.variables[0].descriptions == (Text("Jour, heure locale"),)
    assert columns(actes) == [("code", "string", "code")]


def test_a_table_schema_is_read() -> None:
    content = b"""{"title": "Stays", "fields": [
        {"name": "day", "type": "date", "title": "Day of entry", "description": "Local day"},
        {"name": "code", "rdfType": "http://example.org/code"},
        {"name": "site", "format": "uri"}]}"""

    (table,) = read_tables("stays.json", content)

    assert table.titles == (Text("stays"), Text("Stays"))
    assert columns(table) == [
        ("day", "date", "Day of entry"),
        ("code", "string", "code"),
        ("site", "anyURI", "site"),
    ]
    assert table.variables[0].descriptions == (Text("Local day"),)
    assert table.variables[1].meaning == "http://example.org/code"


def test_a_data_package_gives_a_table_for_each_resource() -> None:
    content = b"""{"name": "clinic", "resources": [
        {"name": "stays", "schema": {"fields": [{"name": "n", "type": "number"}]}},
        {"path": "data/acts.csv", "schema": {"fields": [{"name": "y", "type": "yearmonth"}]}}]}"""

    found = read_tables("datapackage.json", content)

    assert [(table.titles[0].words, columns(table)) for table in found] == [
        ("stays", [("n", "decimal", "n")]),
        ("acts", [("y", "gYearMonth", "y")]),
    ]


def test_csv_on_the_web_is_read_in_its_languages_without_its_virtual_columns() -> None:
    content = """{"@context": "http://www.w3.org/ns/csvw", "tables": [{
        "url": "https://example.org/files/s%C3%A9jours.csv", "dc:title": "Séjours",
        "tableSchema": {"columns": [
          {"name": "day", "titles": {"fr": "Jour", "en": ["Day", "Date"]},
           "dc:description": {"@value": "Le jour", "@language": "fr"},
           "datatype": {"base": "date", "format": "dd/MM/yyyy"}},
          {"titles": "Code", "datatype": "x-unknown", "propertyUrl": "javascript:alert(1)"},
          {"name": "computed", "virtual": true}]}}]}"""

    (table,) = read_tables("metadata.json", content.encode())

    assert table.titles == (Text("séjours"), Text("Séjours"))
    assert table.url == "https://example.org/files/s%C3%A9jours.csv"
    assert columns(table) == [("day", "date", "Jour"), ("Code", "string", "Code")]
    assert table.variables[0].titles == (Text("Jour", "fr"), Text("Day", "en"), Text("Date", "en"))
    assert table.variables[0].descriptions == (Text("Le jour", "fr"),)
    assert table.variables[1].meaning is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"a;a\n", "rank 1, 2"),
        ("a.csv", b"a;\n", "name of column 2"),
        ("a.csv", b"\x00\x01", "not text"),
        ("a.csv", b'a\n"' + b"x" * 200_000, "not delimited text"),
        ("a.xlsx", b"PK", "'.xlsx' is not read"),
        ("a.parquet", b"PAR1\x00", "ecluse catalogue profile"),
        ("a.csv", b"x" * (BYTES_MOST + 1), "bytes"),
        ("a.sql", b"SELECT 1;", "describes no table"),
        ("a.sql", b"CREATE TABLE a (b int", "never closes"),
        ("a.sql", b"CREATE TABLE a (b int COMMENT 'x);", "Line 1"),
        ("a.sql", b"CREATE TABLE a (PRIMARY KEY (b));", "no column"),
        ("a.json", b"{", "not JSON"),
        ("a.json", b"[" * 100_000, "not JSON"),
        ("a.json", b"[]", "must be an object"),
        ("a.json", b"{}", "describes no table"),
        ("a.json", b'{"fields": []}', "`fields` must be a list"),
        ("a.json", b'{"fields": [{"name": ["x"]}]}', "name of column 1"),
        ("a.json", b'{"url": "a", "tableSchema": "https://example.org/s.json"}', "not.* fetched"),
        ("a.json", b'{"format": "ecluse-table-profile", "version": 9}', "version 1"),
        ("a.json", b'{"format": "ecluse-table-profile", "version": 1}', "as it was made"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(
    name: str, content: bytes, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words.replace("not.* fetched", "nothing is fetched")):
        read_tables(name, content)


def test_more_tables_than_can_be_shown_are_refused() -> None:
    script = "".join(f"CREATE TABLE t{rank} (a int);" for rank in range(TABLES_MOST + 1))

    with pytest.raises(InvalidInput, match="2001 tables"):
        read_tables("a.sql", script.encode())


def test_a_script_longer_than_any_schema_is_refused() -> None:
    with pytest.raises(InvalidInput, match="over 400,000 words"):
        read_tables("a.sql", b"[a" * 500_000)


@given(
    st.sampled_from(["a.csv", "a.sql", "a.json", "a.txt"]),
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    *("CREATE", "TABLE", "a", '"b', "'", "(", ")", ",", ";", "COMMENT", "ON", "IS"),
                    *("[", "]", "int", "$$", "/*", "*/", "--", "\n", "COLUMN", ".", "KEY", "/"),
                ]
            ),
            max_size=40,
        ).map(lambda words: " ".join(words).encode()),
        st.recursive(
            st.sampled_from(['"a"', "1", "null", "[]", "{}"]),
            lambda inner: st.tuples(
                st.sampled_from(["fields", "resources", "tables", "tableSchema", "name", "url"]),
                inner,
            ).map(lambda pair: f'{{"{pair[0]}": [{pair[1]}], "columns": {pair[1]}}}'),
        ).map(str.encode),
    ),
)
def test_whatever_a_file_holds_it_is_read_or_refused(name: str, content: bytes) -> None:
    try:
        found = read_tables(name, content)
    except InvalidInput:
        return

    assert all(table.titles and table.variables for table in found)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared schemas are not beside the project")
def test_every_table_schema_of_the_snds_gives_all_its_columns() -> None:
    with (SHARED / "tables.csv").open(encoding="utf-8") as file:
        expected = {
            (row["product"], row["table"]): row["n_columns"] for row in csv.DictReader(file)
        }
    files = sorted((SHARED / "schemas").glob("*/*.json"))

    found = {
        (file.parent.name, file.stem): str(
            len(columns(read_tables(file.name, file.read_bytes())[0]))
        )
        for file in files
    }

    assert len(found) == 191
    assert found == {key: count for key, count in expected.items() if key in found}
