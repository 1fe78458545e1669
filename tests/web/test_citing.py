"""What others cite a record by: a sentence, BibTeX and RIS, read back by those who read them."""

from dataclasses import replace
from datetime import date

import bibtexparser
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary import RecordType
from web.citing import Citation, bibtex, ris, sentence

PLAIN = Citation(
    record_id=7,
    record_type=RecordType.IMPROVEMENT_STORY,
    title="Skin to skin before the scale",
    authors=("Okello, Grace", "Díaz, José"),
    published=date(2024, 3, 14),
    library="Test shelf",
    address="https://library.example/records/7",
    language="en",
    abstract="Babies stay on the chest.",
    keywords=("Skin-to-skin contact", "عدوى"),
)
NASTY = (
    "x}\n}\n@book{evil,\n  title = {Evil}\n}\r\nTY  - EVIL\u2028ER  - \x0bAU  - Evil\x00\x85"
    "KW  - e % & _ $ # ~ ^ \\"
)


def read_bibtex(text: str) -> dict[str, str]:
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert len(library.blocks) == len(library.entries) == 1
    return {field.key: field.value for field in library.entries[0].fields}


def read_ris(text: str) -> dict:
    (entry,) = rispy.loads(text)
    return entry


def test_the_sentence_has_names_year_title_library_and_address() -> None:
    assert sentence(PLAIN) == (
        "Okello, Grace; Díaz, José (2024). Skin to skin before the scale. Test shelf. "
        "https://library.example/records/7"
    )


def test_without_names_the_title_begins_and_a_doi_is_the_address() -> None:
    cited = replace(PLAIN, authors=(), title="Who weighs first?", doi="10.1234/ab12")
    assert sentence(cited) == "Who weighs first? (2024). Test shelf. https://doi.org/10.1234/ab12"


def test_a_sentence_is_one_line_whatever_was_written() -> None:
    cited = replace(PLAIN, title=NASTY, authors=(NASTY,), library=NASTY)
    assert len(sentence(cited).splitlines()) == 1


def test_bibtex_is_read_back_as_it_was_meant() -> None:
    text = bibtex(PLAIN)
    assert text.startswith("@techreport{okello2024r7,\n")
    fields = read_bibtex(text)
    assert fields["title"] == "{Skin to skin before the scale}"
    assert fields["author"] == "Okello, Grace and Díaz, José"
    assert fields["year"] == "2024"
    assert fields["institution"] == "Test shelf"
    assert fields["number"] == "7"
    assert fields["url"] == PLAIN.address
    assert fields["keywords"] == "Skin-to-skin contact, عدوى"


def test_ris_is_read_back_as_it_was_meant() -> None:
    text = ris(PLAIN)
    lines = text.split("\r\n")
    assert lines[0] == "TY  - RPRT"
    assert lines[-2:] == ["ER  - ", ""]
    entry = read_ris(text)
    assert entry["authors"] == list(PLAIN.authors)
    assert entry["keywords"] == list(PLAIN.keywords)
    assert entry["date"] == "2024/03/14"
    assert entry["urls"] == [PLAIN.address]
    assert entry["language"] == "en"


def test_nothing_that_people_wrote_ends_its_field_or_its_entry() -> None:
    cited = replace(
        PLAIN,
        title=f"T {NASTY}",
        authors=(f"A {NASTY}", "B"),
        library=f"L {NASTY}",
        abstract=f"S {NASTY}",
        keywords=(NASTY,),
        doi=NASTY,
        address=f"https://library.example/{{evil}}?{NASTY}",
    )
    entry = read_ris(ris(cited))
    assert entry["type_of_reference"] == "RPRT"
    assert "EVIL" in entry["title"]
    assert len(entry["authors"]) == 2
    fields = read_bibtex(bibtex(cited))
    assert set(fields) == {
        "title", "author", "year", "institution", "number", "url", "doi", "language", "keywords",
        "abstract",
    }  # fmt: skip


@given(st.text(), st.text(), st.text(min_size=1))
def test_any_text_stays_in_its_field(title, abstract, name) -> None:
    cited = replace(PLAIN, title=f"T{title}", abstract=abstract, authors=(f"N{name}", "Okello, G"))
    entry = read_ris(ris(cited))
    assert len(entry["authors"]) == 2
    assert entry["title"].startswith("T")
    assert entry["year"] == "2024"
    fields = read_bibtex(bibtex(cited))
    assert fields["author"].endswith(" and Okello, G")
    assert fields["year"] == "2024"


def test_joiners_of_other_scripts_stay() -> None:
    assert "می\u200cخواهم" in ris(replace(PLAIN, title="می\u200cخواهم"))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ministry of Health and Social Action", "{Ministry of Health and Social Action}"),
        ("Okello, Grace, MD", "{Okello, Grace, MD}"),
        ("Amanda Banda", "Amanda Banda"),
    ],
)
def test_a_team_with_and_in_its_name_stays_one_author(name, written) -> None:
    assert read_bibtex(bibtex(replace(PLAIN, authors=(name,))))["author"] == written


@pytest.mark.parametrize(
    ("authors", "key"),
    [
        (("Díaz, José",), "diaz2024r7"),
        (("José Díaz",), "diaz2024r7"),
        (("عمر",), "library2024r7"),
        ((), "library2024r7"),
    ],
)
def test_a_key_is_ascii_and_never_the_same_for_two_records(authors, key) -> None:
    cited = replace(PLAIN, authors=authors)
    assert bibtex(cited).partition("\n")[0] == f"@techreport{{{key},"
    assert bibtex(replace(cited, record_id=8)).partition(",")[0] != f"@techreport{{{key}"


@pytest.mark.parametrize(
    ("kind", "entry", "ty"),
    [
        (RecordType.CHANGE_PACKAGE, "manual", "GEN"),
        (RecordType.GUIDELINE_OR_STANDARD, "manual", "STAND"),
        (RecordType.PRESENTATION, "misc", "SLIDE"),
        (RecordType.DATASET, "misc", "DATA"),
        (RecordType.REPORT, "techreport", "RPRT"),
    ],
)
def test_each_kind_of_record_is_what_the_formats_call_it(kind, entry, ty) -> None:
    cited = replace(PLAIN, record_type=kind)
    assert bibtex(cited).startswith(f"@{entry}{{")
    assert ris(cited).startswith(f"TY  - {ty}\r\n")
    assert "Test shelf" in read_bibtex(bibtex(cited)).values()
