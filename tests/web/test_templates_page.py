"""The guided templates: listed for everybody, and downloaded as files."""

import io
import zipfile

from typer.testing import CliRunner

from ingest import templates
from web.cli import app


def test_the_page_lists_every_template_in_its_language(client) -> None:
    answer = client.get("/templates")
    assert answer.status_code == 200
    for one in templates.every():
        assert f'href="/templates/{one.name}"' in answer.text
    assert '<section lang="sw"' in answer.text
    assert 'href="/templates"' in client.get("/about").text


def test_a_template_is_sent_as_a_file_of_its_kind(client) -> None:
    for name, kind in (
        ("facility-fr.docx", "wordprocessingml"),
        ("brief-sw.xlsx", "spreadsheetml"),
    ):
        answer = client.get(f"/templates/{name}")
        assert answer.content == templates.made(name)
        assert kind in answer.headers["content-type"]
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        again = client.get(f"/templates/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_there_is_no_template_of_another_name(client) -> None:
    for name in ("facility-xx.docx", "..%2Fapp.py", "facility-en.pdf"):
        assert client.get(f"/templates/{name}").status_code == 404


def test_the_command_writes_what_is_asked_for(tmp_path) -> None:
    out = tmp_path / "new" / "out"
    asked = ["templates", str(out), "--language", "pt", "--kind", "brief", "--kind", "national"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0
    assert "4 templates written" in result.output
    names = sorted(path.name for path in out.iterdir())
    assert names == ["brief-pt.docx", "brief-pt.xlsx", "national-pt.docx", "national-pt.xlsx"]
    assert zipfile.is_zipfile(io.BytesIO((out / names[0]).read_bytes()))


def test_the_command_refuses_a_language_it_has_not(tmp_path) -> None:
    result = CliRunner().invoke(app, ["templates", str(tmp_path), "--language", "de"])
    assert result.exit_code == 1
    assert "de" in str(result.exception)
