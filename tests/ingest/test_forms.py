# ruff: noqa: SLF001  python-docx has no other way to its tables
"""Guided templates: made, filled in by a person, read back letter for letter."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import answers, forms, templates
from ingest.document import Document, Form, Format
from ingest.forms import Place
from ingest.questions import LANGUAGES, about, kinds, page
from ingest.sandbox import Reader
from kb.vocabulary import (
    Decision,
    Direction,
    FacilityType,
    Level,
    Naming,
    RecordType,
    SectionRole,
    SourceKind,
    Unit,
    Validation,
    Verdict,
)
from tests.ingest.filling import fill_sheet, fill_word

pytestmark = pytest.mark.no_library

NAMES = [one.name for one in templates.every()]
# Illustrative answers, with everything that Markdown, XML and spreadsheets would like to change.
NASTY = {
    "en": "12 mothers – “never | again”:\n- one * two_three_\n\n3. =SUM(A1) <b>&amp;</b> 007",
    "fr": "« À l'hôpital » : 3,5 %\n\n• l'eau, l'électricité | le gaz œuvre\n# pas un titre 2",
    "es": "¿Cuántos? ¡12 de 40!\n1) mañana | noche\n2) ~niños~ `código` *fin* 9",
    "pt": "Não há ‘luvas’ – às 7h30\n> citação?\n  dois  espaços, coração & pão",
    "ar": "«كم؟» 12 من ٤٠:\n- أمّ | طفل\n\n3. =SUM(A1) <b>&amp;</b> القابلة، الممرضة؛ مـمـرض 007",
    "sw": "Ng'ombe 3 | ng’ombe 4\n- mama na mtoto\n\n* wauguzi _wote_ <leo> 100%",
}
NUMBERS = (
    (date(2024, 3, 4), 12, 34, None, "first | week"),
    (date(2024, 3, 11), None, None, None, "register lost"),
    ("18/03/2024", 20, 40, None, ""),
    (date(2024, 3, 25), None, None, "36,5", "=half"),
)


def answered(kind: str, language: str) -> dict[str, str]:
    """Return an answer for each box of a template."""
    nasty = NASTY[language]
    known = {"A02": "Malawi", "A08": "2023-11-01", "A09": "2024-06-01"}
    said = {
        row.code: row.choices[1] if row.choices else known.get(row.code, f"{row.code} ñ & <x>")
        for row in about(kinds()[kind], language)
    }
    for item in page(kinds()[kind], language):
        if item.lines:
            said[item.code] = item.choices[0] if item.choices else f"{item.code} {nasty}"
        for block in item.blocks:
            said |= {
                row.code: row.choices[0] if row.choices else f"{row.code} {nasty}"
                for row in block.rows
            }
    numbered = {one.code for one in kinds()[kind].questions if one.number}
    return said | dict.fromkeys(numbered, "14")


def series(kind: str, language: str) -> dict[str, tuple]:
    blocks = (block for item in page(kinds()[kind], language) for block in item.blocks)
    return {block.data: NUMBERS for block in blocks if block.data}


def filled(name: str) -> bytes:
    one = templates.named(name)
    said, rows = answered(one.kind.name, one.language), series(one.kind.name, one.language)
    if one.format is Format.DOCX:
        written = {
            code: [["" if v is None else str(v) for v in row] for row in found]
            for code, found in rows.items()
        }
        return fill_word(templates.made(name), said, written)
    return fill_sheet(templates.made(name), said, rows)


@pytest.fixture(scope="module")
def reader():
    with Reader() as reader:
        yield reader


@pytest.fixture(scope="module")
def read_back(sent, reader):
    """Every filled template, read once."""
    return {name: reader.read(sent / name) for name in NAMES}


@pytest.fixture(scope="module")
def sent(tmp_path_factory) -> Path:
    """A folder with every template filled in."""
    folder = tmp_path_factory.mktemp("sent")
    for name in NAMES:
        (folder / name).write_bytes(filled(name))
    return folder


def said_in(form: Form) -> dict[str, str]:
    """Return the answers by code, a ticked box by its label."""
    found = forms.read(form)
    assert found is not None
    labelled = choices_of(found.kind, found.language)
    said = {}
    for place, text in found.answers.items():
        code = f"{place.code}.{place.number}{place.letter}" if place.number else place.code
        if code in labelled:
            (value,), left = forms.ticked(text, labelled[code], found.language)
            assert left == ""
            text = forms.choices(labelled[code])[value][found.language]  # noqa: PLW2901
        said[code] = text
    return said


def choices_of(kind, language: str) -> dict[str, str]:
    """Return which set of choices each code has."""
    asked = [*kind.about, *kind.questions]
    found = {one.code: one.choice for one in asked if one.choice}
    for one in asked:
        for number in range(1, one.times + 1):
            for letter, part in zip("abcdefghij", one.parts, strict=False):
                if part.choice:
                    found[one.code_of(number, letter)] = part.choice
    return found


def assert_exact(document: Document, name: str, *, tabs: bool = True) -> None:
    one = templates.named(name)
    assert document.form is not None
    assert said_in(document.form) == answered(one.kind.name, one.language)
    record = answers.record_of(document.form, title="none")
    assert record is not None
    for measure in record.measures:
        assert [(p.period, p.numerator, p.denominator, p.value) for p in measure.points] == [
            (date(2024, 3, 4), 12, 34, None),
            (date(2024, 3, 11), None, None, None),
            (date(2024, 3, 18), 20, 40, None),
            (date(2024, 3, 25), None, None, 36.5),
        ]
        assert [p.note for p in measure.points] == ["first | week", "register lost", "", "=half"]


def test_there_are_four_kinds_in_six_languages_and_two_formats() -> None:
    assert len(NAMES) == len(set(NAMES)) == 48
    assert {one.language for one in templates.every()} == set(LANGUAGES)


def test_a_template_is_the_same_bytes_whenever_it_is_made() -> None:
    for name in ("facility-fr.docx", "brief-sw.xlsx"):
        first = templates.made(name)
        templates.made.cache_clear()
        assert templates.made(name) == first
        with zipfile.ZipFile(io.BytesIO(first)) as archive:
            assert {entry.date_time[:3] for entry in archive.infolist()} == {(2026, 1, 1)}


@pytest.mark.parametrize("name", NAMES)
def test_every_filled_template_comes_back_letter_for_letter(name, read_back) -> None:
    assert_exact(read_back[name], name)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_stands_unchanged_in_its_record_with_evidence(name, read_back) -> None:
    form = read_back[name].form
    record = answers.record_of(form, title="none")
    one = templates.named(name)
    labelled = choices_of(one.kind, one.language)
    bodies = "\0".join(section.body for section in record.sections)
    for code, text in answered(one.kind.name, one.language).items():
        if code[0] != "A" and code not in labelled and text != "14":
            assert text in bodies, code
    for evidence in record.evidence:
        if evidence.section >= 0:
            assert evidence.quote in record.sections[evidence.section].body
    assert not any(doubt.startswith("Not answered") for doubt in record.doubts)
    assert record.source_kind is SourceKind.AUTHORED
    assert (record.language, record.record_type) == (one.language, one.kind.record_type)


def test_a_facility_story_fills_the_fields_it_asks_for(tmp_path, reader) -> None:
    said = {
        "A01": "Skin-to-skin before weighing", "A02": "Malawi", "A04": "Dowa",
        "A05": "Mtoni Health Centre", "A06": "health centre", "A08": "March 2024",
        "A10": "Mtoni maternity team",
        "F01": "Feeding within one hour, for all newborns",
        "F02": "In February 2024, 34 of 100 babies were fed within one hour.",
        "F03": "From 34% to 80% by December 2024",
        "F04": "midwife in charge\n2 nurses\ncleaner",
        "F06.1a": "Weigh the baby after the first feed", "F06.1b": "1. Dry\n2. Cover\n3. Feed",
        "F06.1c": "midwife on duty", "F06.1d": "March 2024 to May 2024", "F06.1g": "a wall clock",
        "F07.1a": "kept", "F07.1b": "It costs nothing.",
        "F06.3a": "A second poster", "F07.3a": "dropped",
        "F08": "A line in the handover book",
        "F09.1a": "Fed within one hour", "F09.1b": "babies fed", "F09.1c": "live births",
        "F09.1d": "percent", "F09.1e": "more is better", "F09.1f": "80 %",
        "F10.1a": "ward clerk", "F10.1b": "delivery register", "F10.1c": "Nobody",
        "F11": "it worked in part", "F12": "The poster was not read.",
        "F14": "5 dollars, from the mothers' fund", "F16": "The coach came twice.",
        "F17": "A second clock", "F20": "show no place at all",
    }  # fmt: skip
    rows = {"F09.1t": (("2024-03-01", 12, 34, None, ""), (date(2024, 4, 1), 30, 40, None, ""))}
    path = tmp_path / "story.xlsx"
    path.write_bytes(fill_sheet(templates.made("facility-en.xlsx"), said, rows))
    record = answers.record_of(reader.read(path).form, title="none")
    assert (record.title, record.level) == ("Skin-to-skin before weighing", Level.FACILITY)
    (place,) = record.places
    assert (place.country, place.admin2, place.facility) == ("MWI", "Dowa", "Mtoni Health Centre")
    assert place.facility_type is FacilityType.HEALTH_CENTRE
    assert record.start_date == date(2024, 3, 1)
    assert (record.naming, record.verdict) == (Naming.ANONYMOUS, Verdict.PARTLY)
    assert (record.aim.what, record.aim.text) == (said["F01"], said["F03"])
    assert record.team_roles == ("midwife in charge", "2 nurses", "cleaner")
    first, second = record.change_ideas
    assert (first.text, first.steps, first.who_did_it) == (
        said["F06.1a"], said["F06.1b"], said["F06.1c"],
    )  # fmt: skip
    assert (first.started, first.ended) == (date(2024, 3, 1), date(2024, 5, 1))
    assert (first.decision, second.decision) == (Decision.ADOPTED, Decision.ABANDONED)
    (measure,) = record.measures
    assert (measure.unit, measure.direction, measure.target) == (Unit.PERCENT, Direction.UP, 80)
    assert (measure.collector_role, measure.validated_how) == ("ward clerk", Validation.NONE)
    assert [point.numerator for point in measure.points] == [12, 30]
    assert record.logistics["everyone_included"] == said["F08"]
    assert record.logistics["materials"] == "a wall clock"
    assert record.cost.text == said["F14"]
    assert [one.what for one in record.support_received] == [said["F16"]]
    assert [one.text for one in record.support_requests] == [said["F17"]]
    roles = {section.role for section in record.sections}
    assert {SectionRole.PROBLEM, SectionRole.DID_NOT_WORK, SectionRole.COST} <= roles
    assert "Not answered: F05 What caused the problem? How did you learn that?" in record.doubts
    assert not any(doubt.startswith("Not answered: F12") for doubt in record.doubts)


@pytest.mark.parametrize(
    ("kind", "record_type", "level"),
    [
        ("district", RecordType.SUPPORT_STORY, Level.REGION),
        ("national", RecordType.SUPPORT_STORY, Level.NATIONAL),
        ("brief", RecordType.LEARNING_BRIEF, Level.NATIONAL),
    ],
)
def test_each_kind_becomes_its_record_type_and_level(kind, record_type, level, read_back):
    record = answers.record_of(read_back[f"{kind}-es.docx"].form, title="none")
    assert (record.record_type, record.level) == (record_type, level)
    if kind == "district":
        assert record.n_facilities == 14
        assert len(record.support_activities) == 5


@pytest.mark.parametrize("name", ["facility-en.docx", "district-pt.xlsx"])
def test_an_empty_template_invents_nothing(name, tmp_path, reader) -> None:
    path = tmp_path / name
    path.write_bytes(templates.made(name))
    record = answers.record_of(reader.read(path).form, title="File name")
    asked = [one for one in templates.named(name).kind.questions if not one.inside]
    unanswered = [doubt for doubt in record.doubts if doubt.startswith("Not answered")]
    assert len(unanswered) == len(asked) + len(templates.named(name).kind.about)
    assert record.title == "File name"
    assert (record.sections, record.change_ideas, record.measures, record.evidence) == ((),) * 4
    assert (record.aim, record.places, record.verdict) == (None, (), Verdict.NOT_REPORTED)


def test_what_is_written_outside_the_boxes_is_kept(tmp_path, reader) -> None:
    document = docx.Document(io.BytesIO(templates.made("brief-en.docx")))
    document.add_paragraph("P.S. call us | any day")
    path = tmp_path / "x.docx"
    document.save(path)
    record = answers.record_of(reader.read(path).form, title="x")
    assert [section.body for section in record.sections] == ["P.S. call us | any day"]
    assert any("outside the answer boxes" in doubt for doubt in record.doubts)


def test_a_copied_block_is_one_more_idea(tmp_path, reader) -> None:
    from copy import deepcopy

    said = {"F06.5a": "Fifth", "F07.5a": "kept"}
    data = fill_word(templates.made("facility-en.docx"), said, {})
    document = docx.Document(io.BytesIO(data))
    table = next(t for t in document.tables if t.rows[0].cells[0].text.startswith("F06.5"))
    again = deepcopy(table._tbl)
    table._tbl.addnext(again)
    again.addprevious(document.add_paragraph()._p)
    for text in again.iter("{*}t"):
        text.text = text.text.replace("Fifth", "Sixth")
    path = tmp_path / "x.docx"
    document.save(path)
    record = answers.record_of(reader.read(path).form, title="x")
    assert [idea.text for idea in record.change_ideas] == ["Fifth", "Sixth"]


def test_lists_and_line_breaks_of_word_come_back_as_lines(tmp_path, reader) -> None:
    document = docx.Document(io.BytesIO(templates.made("facility-en.docx")))
    table = next(t for t in document.tables if t.rows[0].cells[0].text.startswith("F05"))
    cell = table.rows[1].cells[0]
    cell.paragraphs[0].add_run("Causes:").add_break()
    cell.paragraphs[0].add_run("two\tparts")
    add_bullet(document, cell, "no gloves")
    path = tmp_path / "x.docx"
    document.save(path)
    filled_ = forms.read(reader.read(path).form)
    assert filled_.answer("F05") == "Causes:\ntwo\tparts\n- no gloves"


def add_bullet(document, cell, text: str) -> None:
    """Add a paragraph of a bulleted list, as Word writes one."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    xml = (
        f'<w:numbering {nsdecls("w")}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
        '<w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1">'
        '<w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"
    part = Part(PackURI("/word/numbering.xml"), kind, xml.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
    paragraph = cell.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    )


def test_a_newer_version_is_a_doubt_and_loses_nothing() -> None:
    form = Form(
        "maktaba-facility-en-v9",
        ((("F01  ★  What did you want?",), ("Warm babies",)), (("F77  New question",), ("Yes",))),
    )
    record = answers.record_of(form, title="x")
    assert any("version 9 is newer" in doubt for doubt in record.doubts)
    assert record.aim.what == "Warm babies"
    assert [(s.heading, s.body) for s in record.sections[-1:]] == [("New question", "Yes")]


def test_a_mark_of_another_kind_is_no_template_of_ours() -> None:
    assert answers.record_of(Form("maktaba-poem-en-v1", ()), title="x") is None


def test_numbers_without_a_period_or_that_are_no_numbers_are_doubts() -> None:
    head = ("F09.1t  Week or month", "How many", "Out of how many", "Or one number", "Note")
    rows = (head, ("", "3", "4", "", ""), ("May 2024", "many", "40", "", ""))
    form = Form("maktaba-facility-en-v1", ((("F09.1a  Name", "Fed"),), rows))
    record = answers.record_of(form, title="x")
    (point,) = record.measures[0].points
    assert (point.period, point.numerator, point.denominator) == (date(2024, 5, 1), None, 40)
    assert "Fed: the period of the row “3 | 4” is not read." in record.doubts
    assert "Fed, May 2024: “many” is not a number." in record.doubts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("☐ kept ☒ changed ☐ dropped ☐ not decided", (["adapted"], "")),
        ("x☐ kept ☐ changed", (["adopted"], "")),
        ("☒ kept ☒ dropped ☐ changed", (["adopted", "abandoned"], "")),
        ("☐ kept ☐ changed ☐ dropped ☐ not decided", ([], "")),
        ("☐ kept ☐ changed\ndropped", (["abandoned"], "")),
        ("Kept", (["adopted"], "")),
        ("☒ kept because it is free", (["adopted"], "because it is free")),
        ("who knows", ([], "who knows")),
    ],
)
def test_a_box_is_ticked_or_its_label_typed(text, expected) -> None:
    assert forms.ticked(text, "decision", "en") == expected


WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp", "Zs", "Mn"]
    ),
    min_size=1,
    max_size=30,
)
ANSWERS = st.lists(WORDS, min_size=1, max_size=4).map("\n".join)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.dictionaries(st.sampled_from(["F01", "F05", "F06.1b", "F18"]), ANSWERS, min_size=1))
def test_any_text_comes_back(tmp_path, reader, said: Mapping[str, str]) -> None:
    from unicodedata import normalize

    meant = {code: normalize("NFC", text).strip() for code, text in said.items()}
    for fill, name in ((fill_word, "facility-en.docx"), (fill_sheet, "facility-en.xlsx")):
        path = tmp_path / name
        path.write_bytes(fill(templates.made(name), meant, {}))
        assert said_in(reader.read(path).form) == meant


OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SOME = ("facility-en", "district-fr", "national-sw", "brief-pt", "facility-es", "district-ar")


def converted(files: list[Path], to: str, folder: Path) -> list[Path]:
    """Return the files as LibreOffice saves them in the format `to`."""
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    command = [OFFICE, profile, "--headless", "--convert-to", to, "--outdir", str(folder)]
    subprocess.run([*command, *map(str, files)], capture_output=True, check=True, timeout=180)
    return sorted(folder.glob(f"*.{to}"))


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_a_template_saved_by_libreoffice_comes_back_letter_for_letter(
    form, sent, tmp_path, reader
) -> None:
    files = [sent / f"{name}.{form}" for name in SOME]
    other = {"docx": "odt", "xlsx": "ods"}[form]
    open_ = converted(files, other, tmp_path / "open")
    back = converted(open_, form, tmp_path / "back")
    again = converted((files[0], files[-1]), form, tmp_path / "again")
    assert (len(open_), len(back), len(again)) == (6, 6, 2)
    for path in (*open_, *back, *again):
        assert_exact(reader.read(path), f"{path.stem}.{form}")


def test_answer_cells_of_the_sheets_are_text_and_heads_stay_in_sight() -> None:
    book = openpyxl.load_workbook(io.BytesIO(templates.made("facility-sw.xlsx")))
    story, *data, _help = book.worksheets
    answer = next(row[2] for row in story.iter_rows() if row[0].value == "F01")
    assert answer.number_format == "@"
    assert len(data) == 2
    assert all(sheet.freeze_panes and sheet.data_validations.dataValidation for sheet in data)


def test_every_question_has_words_in_every_language() -> None:
    for kind in kinds().values():
        for one in (*kind.about, *kind.questions):
            asks = [one.ask, *(part.ask for part in one.parts)]
            for ask in asks:
                assert set(ask) == set(LANGUAGES)
                assert all(text.strip() and len(text) <= 260 for text in ask.values()), one.code
    assert len({one.code for kind in kinds().values() for one in kind.questions}) == 62
    assert Place("F01") == Place("F01", 0, "", 0)
