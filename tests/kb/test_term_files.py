"""The taxonomy as a workbook and as SKOS: out and in again, and what is wrong in a file is told."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import own_terms, term_changes, term_sheet, term_skos
from kb.concept_file import OWN, Place, Statement
from kb.errors import InvalidError
from kb.own_terms import Standing
from kb.term_import import Import, all_said
from kb.vocabulary import Scheme

KMC = "kangaroo-mother-care"
WORD = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("C", "Z")),
    min_size=1, max_size=20,
)  # fmt: skip


def sheet(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def torn(part: str) -> bytes:
    """Return a good workbook in which the bytes of one part were overwritten."""
    data = bytearray(sheet(["notation"], ["mine"]))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        one = packed.getinfo(part)
    start = one.header_offset + 30 + len(part)  # of the header of a part, APPNOTE 4.3.7
    data[start : start + 40] = b"\xff" * 40
    return bytes(data)


def standing(terms, *said: tuple[str, str, str, str]) -> Standing:
    own = [Statement(*one, Place(OWN, n)) for n, one in enumerate(said, 1)]
    return own_terms.of(terms, own)


@pytest.fixture(scope="module")
def own(terms) -> Standing:
    """A taxonomy with something of everything."""
    return standing(
        terms,
        ("=cmd", "in_scheme", "", "topics"),  # left aside: no notation
        ("mothers-shelter", "in_scheme", "", "topics"),
        ("mothers-shelter", "broader", "", KMC),
        ("mothers-shelter", "pref", "en", '=HYPERLINK("http://x")'),
        ("mothers-shelter", "alt", "pt-MZ", '@casa; de "espera" | <b>\\'),
        ("mothers-shelter", "abbr", "en", "-MS"),
        ("mothers-shelter", "asked", "sw", "nyumba ya kusubiri"),
        ("mothers-shelter", "exact_match", "", "https://example.org/c?x=1&y=ü"),
        ("mothers-shelter", "sources", "epoc", "Site of care: home"),
        ("mothers-shelter", "who_std", "", "8"),
        ("cord-care", "deprecated", "", "true"),
        ("cord-care", "replaced_by", "", "mothers-shelter"),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["sheet", "skos", "skos of an address"])
def test_a_whole_taxonomy_goes_out_and_comes_back_with_nothing_lost(own, kind) -> None:
    terms = own.taxonomy
    if kind == "sheet":
        read = term_sheet.read(term_sheet.write(terms))
    else:
        base = "https://kb.example" if "address" in kind else ""
        read = term_skos.read(term_skos.write(terms, base=base).encode())
    assert not read.wrong
    assert set(read.said) == set(all_said(terms))
    with pytest.raises(InvalidError, match="nothing that the library does not"):
        Import(read).plan(own)


@settings(max_examples=30)
@given(words=st.lists(st.lists(WORD, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=4))
def test_any_label_comes_back_letter_for_letter(words) -> None:
    said = {("mine", "alt", "fr", word) for word in words}
    of = _small(said)
    for read in (
        term_sheet.read(term_sheet.write(of)),
        term_skos.read(term_skos.write(of).encode()),
    ):
        assert said <= {tuple(one) for one in read.said}


def _small(said):
    from kb.taxonomy import Taxonomy, Term

    alt = tuple(sorted(word for *_, word in said))
    term = Term(
        Scheme.TOPICS, "mine", {"en": "Mine"}, {"fr": alt}, {}, {}, {}, (), (), (), (), {}, (), (),
        deprecated=False, replaced_by=None, origin="",
    )  # fmt: skip
    return Taxonomy("1", {"mine": term}, {}, frozenset(), {})


def test_no_cell_of_the_workbook_is_a_formula(own) -> None:
    book = openpyxl.load_workbook(io.BytesIO(term_sheet.write(own.taxonomy)))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    risky = [cell for cell in cells if str(cell.value)[0] in "=+-@"]
    assert len(risky) >= 3
    assert all(cell.quotePrefix for cell in risky)


def test_a_sheet_adds_a_concept_a_label_and_a_successor(terms) -> None:
    now = standing(terms)
    read = term_sheet.read(
        sheet(
            ["notation", "in_scheme", "broader", "pref:en", "alt:en", "deprecated", "replaced_by"],
            ["mothers-shelter", "topics", KMC, "Mothers’ shelter", "shelter\nwaiting home"],
            [KMC, None, None, None, "wrapping the baby"],
            ["cord-care", None, None, None, None, True, "mothers-shelter"],
            [None, None],
        )
    )
    plan = Import(read, name="ours.xlsx").plan(now)
    assert plan.moves == {"cord-care": "mothers-shelter"}
    assert {tuple(one) for one in plan.adds} == {
        ("mothers-shelter", "in_scheme", "", "topics"),
        ("mothers-shelter", "broader", "", KMC),
        ("mothers-shelter", "pref", "en", "Mothers’ shelter"),
        ("mothers-shelter", "alt", "en", "shelter"),
        ("mothers-shelter", "alt", "en", "waiting home"),
        (KMC, "alt", "en", "wrapping the baby"),
        ("cord-care", "deprecated", "", "true"),
        ("cord-care", "replaced_by", "", "mothers-shelter"),
    }


def test_every_wrong_row_is_named_at_once_with_what_to_do(terms) -> None:
    now = standing(terms)
    read = term_sheet.read(
        sheet(
            ["notation", "in_scheme", "broader", "pref:en", "alt:en", "deprecated", "sources"],
            [None, "topics", KMC, "Nameless"],
            ["new-one", None, None, None],
            [KMC, "interventions", "cord-care", None],
            ["cord-care", None, None, "=1+1"],
            ["cord-care", None, None, None],
            ["thermal-care-and-hypothermia", None, None, None, None, None, "EPOC"],
        )
    )
    with pytest.raises(InvalidError) as refused:
        Import(read).plan(now)
    told = str(refused.value)
    for said in (
        "row 2, there is no notation",
        "row 3, new-one: is new and has nothing broader",
        "row 3, new-one: is new and has no preferred label",
        f"row 4, {KMC}: is one of the topics, not of the interventions",
        f"row 4, {KMC}: stands under",
        "row 5, “pref:en” is a formula",
        "row 6, “cord-care” stands in two rows",
        "row 7, “EPOC” under sources: write the list first",
    ):
        assert said in told
    assert "Nothing was imported" in refused.value.hint


def test_a_breach_of_the_rules_names_its_row(session, terms) -> None:
    read = term_sheet.read(
        sheet(
            ["notation", "in_scheme", "broader", "pref:en"],
            ["mine", "topics", KMC, "Skin-to-skin contact"],
            ["yours", "topics", "nowhere", "Yours"],
        )
    )
    with pytest.raises(InvalidError, match=r"row 2, mine: .*also one of skin-to-skin-c") as no:
        term_changes.preview(session, standing(terms), Import(read))
    assert "row 3, yours: broader names “nowhere”" in str(no.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a workbook", "not an Excel workbook"),
        (sheet(["name"], ["x"]), "no column “notation”"),
        (sheet(["notation", "altt:fr"], ["x"]), "Did you mean “alt:fr”"),
        (sheet(), "no column “notation”"),
        (torn("xl/theme/theme1.xml"), "not an Excel workbook"),
        (torn("xl/worksheets/sheet1.xml"), "not an Excel workbook"),
    ],
)
def test_what_is_no_sheet_of_ours_is_explained(terms, data, said) -> None:
    with pytest.raises(InvalidError, match=said):
        Import(term_sheet.read(data)).plan(standing(terms))


def test_skos_of_somebody_else_is_understood(terms) -> None:
    theirs = f"""
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix ex: <https://example.org/topics/> .
        ex:{KMC} a skos:Concept ; skos:narrower ex:wrap ;
          skos:inScheme <https://example.org/topics> .
        ex:wrap a skos:Concept ; skos:altLabel "kitenge"@sw ;
          skos:prefLabel "Wrap"@en, "Pagne"@fr .
        ex:deep a skos:Concept ; skos:prefLabel "Knot"@en ; skos:broader ex:wrap .
        ex:a-deeper a skos:Concept ; skos:prefLabel "Bow"@en ; skos:broader ex:deep .
    """
    plan = Import(term_skos.read(theirs.encode())).plan(standing(terms))
    assert {tuple(one) for one in plan.adds} == {
        ("wrap", "in_scheme", "", "topics"),
        ("wrap", "broader", "", KMC),
        ("wrap", "pref", "en", "Wrap"),
        ("wrap", "pref", "fr", "Pagne"),
        ("wrap", "alt", "sw", "kitenge"),
        ("deep", "in_scheme", "", "topics"),  # from above, whatever the order of their names
        ("deep", "broader", "", "wrap"),
        ("deep", "pref", "en", "Knot"),
        ("a-deeper", "in_scheme", "", "topics"),
        ("a-deeper", "broader", "", "deep"),
        ("a-deeper", "pref", "en", "Bow"),
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"<html>", "neither Turtle nor N-Triples"),
        (b"", "no skos:Concept"),
        (
            b"""@prefix s: <http://www.w3.org/2004/02/skos/core#> .
            <urn:a> a s:Concept; s:prefLabel "A" .""",
            "has no language",
        ),
    ],
)
def test_what_is_no_skos_is_explained(terms, data, said) -> None:
    with pytest.raises(InvalidError, match=said):
        Import(term_skos.read(data)).plan(standing(terms))


def test_reading_skos_fetches_nothing(monkeypatch) -> None:
    import socket

    def refuse(*_args, **_more):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(InvalidError):
        term_skos.read(b'@import <https://example.org/x> . <!DOCTYPE a SYSTEM "http://x/">')
