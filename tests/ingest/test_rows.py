"""Lists of records: which column is which field, and what each row says."""

import openpyxl
import pylatexenc.latexwalker
import pytest
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import readers, rows
from ingest.document import Format
from ingest.grids import Grid
from ingest.readers import Limits, references
from kb.errors import InvalidError
from kb.labels import Labels
from kb.vocabulary import Level, SectionRole, TagSource, Verdict


@pytest.fixture(scope="module")
def labels(terms):
    return Labels.of(terms)


@pytest.fixture
def read(terms, labels, tmp_path):
    """Write a file, read it, and return its columns and rows."""

    def read(name: str, data: bytes, chosen=None, given=None):
        path = tmp_path / name
        path.write_bytes(data)
        grid = rows.table_of(readers.read(path))
        columns = rows.mapping(grid, chosen or {})
        return columns, rows.read_rows(
            grid, columns, taxonomy=terms, labels=labels, source=name, given=given or {}
        )

    return read


FRENCH = """Titre;Pays;Résumé;Thème;Type d'intervention;Année;Licence
Le sein dans l'heure;Sénégal;On a pesé plus tard.;Early initiation of breastfeeding;;2023;CC-BY-4.0
;Mali;Sans titre;;;2022;
Mains propres;Atlantide;Un flacon à chaque lit.;hygiène des mains; drone delivery ;2021;
""".encode()


def test_columns_are_known_by_their_names_in_any_of_five_languages(read) -> None:
    columns, found = read("liste.csv", FRENCH)
    assert [(one.name, one.field) for one in columns] == [
        ("Titre", "title"),
        ("Pays", "country"),
        ("Résumé", "summary"),
        ("Thème", "topics"),
        ("Type d'intervention", ""),
        ("Année", "year"),
        ("Licence", "licence"),
    ]
    story = found[0].record
    assert (story.title, story.places[0].country) == ("Le sein dans l'heure", "SEN")
    assert story.licence == "CC-BY-4.0"
    assert [(tag.notation, tag.source) for tag in story.tags] == [
        ("early-initiation-of-breastfeeding", TagSource.AUTHOR)
    ]
    assert "2023" in story.source_citation


def test_a_row_without_a_title_says_so_and_the_others_are_made(read) -> None:
    _, found = read("liste.csv", FRENCH)
    assert found[1].error == "It has no title."
    assert [bool(row.record) for row in found] == [True, False, True]


def test_what_is_not_clear_is_a_doubt_and_nothing_is_lost(read) -> None:
    _, found = read("liste.csv", FRENCH, chosen={"Type d'intervention": "interventions"})
    clean_hands = found[2].record
    assert "The country is not clear: Atlantide." in found[2].doubts
    assert "drone delivery" in clean_hands.keywords
    assert any("drone delivery" in doubt for doubt in found[2].doubts)


def test_a_column_can_be_chosen_or_left_out(read) -> None:
    columns, found = read("liste.csv", FRENCH, chosen={"Résumé": "results", "thème": ""})
    assert {one.name: one.field for one in columns}["Thème"] == ""
    (section,) = found[0].record.sections
    assert (section.role, section.body) == (SectionRole.RESULTS, "On a pesé plus tard.")
    assert found[0].record.tags == ()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"Colour": "title"}, "no column colour"), ({"Titre": "colour"}, "no field|has a field")],
)
def test_a_wrong_choice_says_what_there_is(read, chosen, said) -> None:
    with pytest.raises(InvalidError, match=said) as raised:
        read("liste.csv", FRENCH, chosen=chosen)
    assert "Titre" in raised.value.hint
    assert "title" in raised.value.hint


def test_excel_lists_with_closed_sets_and_dates(read, tmp_path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Title", "Level", "Verdict", "Start", "Facility", "ID"])
    book.active.append(
        ["Warm babies", "district", "did not work", "March 2023", "Ilulu Health Centre", 7]
    )
    book.active.append(["Cold babies", "galaxy", "", "someday", "", 8])
    path = tmp_path / "made.xlsx"
    book.save(path)
    _, (warm, cold) = read("list.xlsx", path.read_bytes())
    said = warm.record
    assert (said.level, said.verdict) == (Level.DISTRICT, Verdict.DID_NOT_WORK)
    assert (said.start_date.isoformat(), said.origin) == ("2023-03-01", "list.xlsx#7")
    assert said.places[0].facility == "Ilulu Health Centre"
    assert set(cold.doubts) >= {
        "The level is not known: galaxy.",
        "The start date could not be read: someday.",
    }


RIS = b"""TY  - JOUR
TI  - Warm chain in Namalaka
AU  - Banda, A
AU  - Phiri, B
PY  - 2021
JO  - Illustrative Journal
VL  - 3
IS  - 2
DO  - 10.5555/warm
AB  - Babies stayed warm.
KW  - newborn
KW  - hypothermia
ER  -

"""
BIBTEX = rb"""@article{warm, title={Warm chain in {Namalaka}}, author={Banda, Ada and Phiri, B},
 year=2021, journal={Illustrative Journal}, doi={10.5555/warm}, abstract={Babies stayed warm.}}
@misc{broken, title={No end
"""


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("refs.ris", RIS, Format.RIS),
        ("refs.bib", BIBTEX, Format.BIBTEX),
        ("r.txt", RIS, Format.RIS),
    ],
)
def test_references_become_records_with_their_citation(read, tmp_path, name, data, kind) -> None:
    _, found = read(name, data)
    said = found[0].record
    assert readers.read(tmp_path / name).format is kind
    assert said.title == "Warm chain in Namalaka"
    assert (said.doi, said.origin) == ("10.5555/warm", "doi:10.5555/warm")
    assert said.summary == "Babies stayed warm."
    assert said.authors[0].startswith("Banda")
    assert "Illustrative Journal" in said.source_citation
    assert "(2021)" in said.source_citation


def test_broken_entries_are_counted(tmp_path) -> None:
    path = tmp_path / "refs.bib"
    path.write_bytes(BIBTEX)
    assert any("1 entries are broken" in doubt for doubt in readers.read(path).doubts)


def test_a_document_without_a_table_is_no_list(tmp_path) -> None:
    path = tmp_path / "story.md"
    path.write_text("# A story\n\nNo table here.\n", encoding="utf-8")
    with pytest.raises(InvalidError, match="no table"):
        rows.table_of(readers.read(path))


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r|"), max_size=40)


def test_no_cell_breaks_a_row(terms, labels) -> None:
    """The fixtures stay outside: Hypothesis would print the whole taxonomy with a failure."""

    @given(table=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=5))
    def hold(table) -> None:
        for row in _rows_of(table, terms, labels):
            assert row.error or row.record.origin

    hold()


def _rows_of(table, terms, labels) -> list[rows.Row]:
    grid = Grid(("Title", "Country", "Start", "Topics"), tuple(table), 0, len(table))
    columns = rows.mapping(grid, {})
    return rows.read_rows(grid, columns, taxonomy=terms, labels=labels, source="x", given={})


def test_tex_is_learnt_once_however_many_fields_a_list_has(monkeypatch) -> None:
    references.decoder()
    monkeypatch.setattr(pylatexenc.latexwalker, "get_default_latex_context_db", None)
    content = references.read_bibtex(BIBTEX, Limits(ocr=False))
    assert "Namalaka" in content.markdown


SIGNS = [*"aé0 \n\t~-'`!?%&#_^{}[]\\|<>\"@=+*:;(/,.$\u00a0\u202e\0", "--", "''", "\n\n", "\n \n"]
SIGNS += [r"\url{x}", r"\'e", "$x$", r"\alpha", r"\begin{a}", r"\end{a}", "``", "?`", "--", "¿"]


@settings(max_examples=100)
@given(st.lists(st.sampled_from(SIGNS), max_size=8).map("".join))
def test_a_field_says_what_the_library_for_tex_reads_in_it(tex) -> None:
    theirs = LatexDecodingMiddleware()._decoder.latex_to_text(tex)  # noqa: SLF001
    assert references.decoder().latex_to_text(tex).split() == theirs.split()
