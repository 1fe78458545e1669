"""The sample library: what it promises to hold, and that the files are what the sources give."""

import importlib
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pypdfium2
import pytest
import yaml
from bs4 import BeautifulSoup
from docx import Document
from odf import teletype
from odf.opendocument import load
from odf.text import H, P
from openpyxl import load_workbook
from pptx import Presentation

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
LIBRARY = EXAMPLES / "library"
TRUTH = yaml.safe_load((EXAMPLES / "truth.yaml").read_text(encoding="utf-8"))
TAXONOMY = yaml.safe_load((ROOT / "taxonomy.yaml").read_text(encoding="utf-8"))
ILLUSTRATIVE = {
    "en": r"illustrat|invented|fictional|made (this|it) (story )?up|composed|imagined",
    "fr": r"illustrati|fictif|invent|imaginaire",
    "es": r"ilustrativ|ficticio|inventad",
    "pt": r"ilustrativ|fict[ií]ci|inventad",
    "sw": r"mfano|kubuni|kielelezo",
}
FAILED = {"partly", "did-not-work", "worked-then-lost", "harmed"}
NUMBER = re.compile(r"\d+")
THOUSANDS = re.compile(r"(?<=\d)[,\s](?=\d{3}\b)")


def body_of(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("---\n", 2)[2]


def sources() -> dict[str, str]:
    """Return the text of each source by the name of the file it becomes."""
    found = {}
    for path in sorted((EXAMPLES / "sources").glob("*.md")):
        front = yaml.safe_load(path.read_text(encoding="utf-8").split("---\n", 2)[1])
        found[front["file"]] = body_of(path)
    return found


BODIES = sources()
by_file = pytest.mark.parametrize("file", sorted(TRUTH))


def ids(key: str) -> set[str]:
    listed = TAXONOMY[key] if key in TAXONOMY else TAXONOMY["facets"][key]["values"]
    return {concept["id"] for concept in listed}


def kind(truth: dict) -> str:
    if truth["record_type"] in {"report", "change-package"}:
        return truth["record_type"]
    return truth["level"]


@pytest.fixture
def maker(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module("make_library")


def test_every_file_is_what_its_source_gives(maker) -> None:
    assert maker.stale(maker.library(EXAMPLES), EXAMPLES) == []


def test_a_file_that_differs_or_has_no_source_is_told(maker, tmp_path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "stray.md").write_text("?")
    (tmp_path / "library" / "old.md").write_text("before")
    files = {tmp_path / "library" / "old.md": b"after", tmp_path / "library" / "new.md": b"new"}

    assert maker.stale(files, tmp_path) == [
        "new.md is missing.",
        "old.md is not what its source gives.",
        "stray.md comes from no source.",
    ]
    maker.write(files, tmp_path)
    assert maker.stale(files, tmp_path) == []


def test_a_sign_that_no_pdf_font_has_is_named_with_its_source(maker) -> None:
    source = maker.Source(Path("7.md"), "7.pdf", "pdf", "headings", {"language": "en"}, "A ☃.")
    with pytest.raises(ValueError, match=r"7\.md: No standard PDF font has ☃"):
        maker.made(source)


def test_sixty_files_of_the_kinds_promised() -> None:
    assert {path.name for path in LIBRARY.iterdir()} == set(TRUTH) == set(BODIES)
    assert Counter(map(kind, TRUTH.values())) == {
        "facility": 44,
        "district": 6,
        "national": 4,
        "report": 4,
        "change-package": 2,
    }


def test_the_languages_and_formats_promised() -> None:
    languages = Counter(truth["language"] for truth in TRUTH.values())
    assert languages == {"en": 44, "fr": 6, "es": 4, "pt": 4, "sw": 2}
    suffixes = Counter(Path(file).suffix[1:] for file in TRUTH)
    assert suffixes == {
        "docx": 24,
        "pdf": 10,
        "html": 6,
        "md": 6,
        "pptx": 5,
        "txt": 4,
        "odt": 3,
        "xlsx": 2,
    }


def test_the_breadth_promised() -> None:
    assert len({truth["country"] for truth in TRUTH.values()}) >= 14
    assert len({topic for truth in TRUTH.values() for topic in truth["topics"]}) >= 40
    assert len({one for truth in TRUTH.values() for one in truth["interventions"]}) >= 30
    assert sum(truth["verdict"] in FAILED for truth in TRUTH.values()) >= 12
    assert sum(bool(truth["measures"]) for truth in TRUTH.values()) >= 35


def test_the_traps_are_there() -> None:
    wrong_suffix = [file for file, truth in TRUTH.items() if not file.endswith(truth["format"])]
    assert len(wrong_suffix) == 1
    assert (LIBRARY / wrong_suffix[0]).read_bytes().startswith(b"PK")
    assert sum(truth["layout"] == "scan" for truth in TRUTH.values()) == 1
    assert sum(bool(truth["identifiers"]) for truth in TRUTH.values()) >= 3
    twins = {file: truth["near_duplicate_of"] for file, truth in TRUTH.items()}
    assert [twin for twin in twins.values() if twin and twin not in TRUTH] == []
    assert any(twins.values())


@by_file
def test_the_truth_speaks_the_words_of_the_taxonomy(file) -> None:
    truth = TRUTH[file]
    assert 1 <= len(truth["topics"]) <= 5
    assert set(truth["topics"]) <= ids("topics")
    assert 1 <= len(truth["interventions"]) <= 6
    assert set(truth["interventions"]) <= ids("interventions")
    assert truth["record_type"] in ids("record_type")
    assert truth["level"] in ids("level")
    assert truth["verdict"] in ids("outcome_verdict")
    assert {truth["facility_type"]} - {None} <= ids("facility_type")
    assert re.fullmatch("[A-Z]{3}", truth["country"])
    for month in (truth["start"], truth["end"]):
        assert month is None or re.fullmatch(r"\d{4}-\d{2}", month)
    for idea in truth["change_ideas"]:
        assert set(idea["interventions"]) <= ids("interventions")
        assert idea["decision"] in ids("change_decision")
        assert idea["verdict"] in ids("outcome_verdict")
    for measure in truth["measures"]:
        assert measure["type"] in ids("measure_type")
        assert measure["direction"] in {"up", "down"}


@by_file
def test_every_document_says_that_it_is_illustrative(file) -> None:
    assert re.search(ILLUSTRATIVE[TRUTH[file]["language"]], BODIES[file], re.IGNORECASE)


@by_file
def test_every_document_is_as_long_as_promised(file) -> None:
    lines = BODIES[file].splitlines()
    if not file.endswith("xlsx"):
        lines = [line for line in lines if not line.startswith("|")]
    words = re.findall(r"\w+", " ".join(lines))
    assert 380 <= len(words) <= 1250


def tables(body: str) -> list[list[list[str]]]:
    """Return the tables of a Markdown or typed text as rows of cells."""
    found: list[list[list[str]]] = [[]]
    for line in body.splitlines():
        cells = [cell.strip() for cell in re.split(r"\||\t| {2,}", line.strip().strip("|"))]
        if len(cells) > 1:
            found[-1].append(cells)
        elif found[-1]:
            found.append([])
    return found


def counts(cell: str) -> list[int]:
    return [int(number) for number in NUMBER.findall(THOUSANDS.sub("", cell))]


def ends(measure: dict) -> list[set[int]]:
    """Return the counts that the first and the last period of the measure must show."""
    keys = ("value", "numerator", "denominator")
    return [
        {measure[end][key] for key in keys if measure[end].get(key)} for end in ("first", "last")
    ]


def series(rows: list[list[str]], first: set[int], last: set[int]) -> list[list[str]]:
    """Return the counted rows, from the one with the counts of `first` to the one of `last`."""
    counted = [row for row in rows if counts(row[1])]
    held = [{number for cell in row[1:] for number in counts(cell)} for row in counted]
    starts = [place for place, numbers in enumerate(held) if first <= numbers]
    stops = [place for place, numbers in enumerate(held) if last <= numbers]
    return counted[starts[0] : stops[-1] + 1] if starts and stops else []


@by_file
def test_the_ends_of_each_series_stand_in_the_document(file) -> None:
    for measure in TRUTH[file]["measures"]:
        lengths = [len(series(rows, *ends(measure))) for rows in tables(BODIES[file])]
        assert measure["points"] in lengths, measure["name"]


@by_file
def test_identifiers_stand_in_the_document_as_they_are_listed(file) -> None:
    assert [one for one in TRUTH[file]["identifiers"] if one not in BODIES[file]] == []


def docx_text(path: Path) -> str:
    document = Document(path)
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + [cell.text for cell in cells])


def pptx_text(path: Path) -> str:
    said = []
    for slide in Presentation(path).slides:
        said += [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        grids = [shape.table for shape in slide.shapes if shape.has_table]
        said += [cell.text for grid in grids for row in grid.rows for cell in row.cells]
        if slide.has_notes_slide:
            said.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(said)


def odt_text(path: Path) -> str:
    document = load(path)
    kinds = (H, P)
    return "\n".join(
        teletype.extractText(one) for kind in kinds for one in document.getElementsByType(kind)
    )


def xlsx_text(path: Path) -> str:
    sheets = load_workbook(path).worksheets
    values = [
        value for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row
    ]
    return "\n".join(
        [sheet.title for sheet in sheets]
        + [
            f"{value:%Y-%m-%d %b-%y}" if isinstance(value, datetime) else str(value)
            for value in values
        ]
    )


def pdf_text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage() for page in document]
    text = "\n".join(page.get_text_bounded() for page in pages)
    for page in pages:
        page.close()
    document.close()
    return text


READERS = {
    "docx": docx_text,
    "html": lambda path: BeautifulSoup(path.read_bytes(), "html.parser").get_text(" "),
    "md": lambda path: path.read_text(encoding="utf-8"),
    "odt": odt_text,
    "pdf": pdf_text,
    "pptx": pptx_text,
    "txt": lambda path: path.read_text(encoding="utf-8"),
    "xlsx": xlsx_text,
}


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text))


@by_file
def test_no_word_of_the_source_is_lost_in_the_file(file) -> None:
    text = READERS[TRUTH[file]["format"]](LIBRARY / file)
    if TRUTH[file]["layout"] == "scan":
        assert text.strip() == ""
        return
    # Numbers of lists are drawn, not written, and a sheet or the notes need no signpost.
    body = re.sub(r"^(\d+\. |# Sheet: |Notes: )", "", BODIES[file], flags=re.MULTILINE)
    assert words(body) - words(text) == Counter()


def test_dates_in_sheets_are_dates() -> None:
    for file in (file for file in TRUTH if file.endswith("xlsx")):
        cells = [
            cell
            for sheet in load_workbook(LIBRARY / file).worksheets
            for row in sheet.iter_rows(values_only=True)
            for cell in row[:1]
        ]
        assert sum(isinstance(cell, date) for cell in cells) >= 20
