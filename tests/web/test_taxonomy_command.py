"""`kb taxonomy`: what a library calls things, changed from the command line and taken back."""

import openpyxl
import pytest
from typer.testing import CliRunner

from kb import history, records
from kb.errors import InvalidError
from kb.settings import Settings
from web.cli import app
from web.library import open_library

KMC = "kangaroo-mother-care"


@pytest.fixture
def kb(tmp_path, monkeypatch):
    monkeypatch.setenv("KB_SEMANTIC", "false")
    monkeypatch.setenv("KB_CURATOR", "amina")

    def run(*words: str) -> str:
        result = CliRunner().invoke(
            app, ["--data", str(tmp_path / "library"), "taxonomy", *words], catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_a_concept_is_added_labelled_merged_and_all_of_it_undone(kb, tmp_path, story) -> None:
    assert "+ mothers-meeting: pref sw Mkutano" in kb(
        "add", "Mothers’ meeting", "--under", KMC, "--label", "sw=Mkutano", "--dry-run"
    )
    assert "mothers-meeting" not in kb("list")
    kb("add", "Mothers’ meeting", "--under", KMC, "--label", "sw=Mkutano")
    kb("label", "mothers-meeting", "réunion des mères", "--language", "fr")
    assert "réunion des mères" in kb("show", "mothers-meeting")
    library = open_library(Settings(data=tmp_path / "library", semantic=False))
    with library.writing() as session:
        record_id = records.create(session, story, by="test").id
        session.commit()
    said = kb("merge", "skin-to-skin-contact", "mothers-meeting")
    assert "skin-to-skin-contact → mothers-meeting: 1 records are tagged anew" in said
    assert "as batch 3" in said
    with library.reading() as session:
        tags = records.read(records.get(session, record_id)).tags
        assert history.events(session, record_id)[-1].by == "amina"
    assert "mothers-meeting" in {tag.notation for tag in tags}
    assert "use mothers-meeting" in kb("show", "skin-to-skin-contact")
    kb("undo", "3")
    with library.reading() as session:
        tags = records.read(records.get(session, record_id)).tags
    assert "mothers-meeting" not in {tag.notation for tag in tags}
    kb("retire", "mothers-meeting")
    assert "no longer used" in kb("show", "mothers-meeting")


def test_the_taxonomy_goes_out_as_a_sheet_and_comes_back_with_what_was_written_in_it(
    kb, tmp_path
) -> None:
    file = tmp_path / "terms.xlsx"
    kb("export", str(file))
    book = openpyxl.load_workbook(file)
    sheet = book["Concepts"]
    header = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == KMC)
    cell = row[header.index("alt:sw")]
    cell.value = f"{cell.value}\njoto la kangaruu"
    book.save(file)
    assert f"+ {KMC}: alt sw joto la kangaruu" in kb("import", str(file))
    assert "joto la kangaruu" in kb("show", KMC)
    with pytest.raises(InvalidError, match="says nothing that the library does not"):
        kb("import", str(file))


def test_the_taxonomy_goes_out_as_skos(kb, tmp_path) -> None:
    file = tmp_path / "terms.ttl"
    kb("export", str(file))
    assert f'skos:notation "{KMC}"' in file.read_text(encoding="utf-8")
    with pytest.raises(InvalidError, match=r"no “\.pdf”"):
        kb("export", str(tmp_path / "terms.pdf"))
