import errno
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kb import batches, judgements, needs, records, tagging, waiting
from kb.db import PRAGMAS, connect, utcnow
from kb.errors import InvalidError, KBError
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import BatchKind, JudgementState, Status, Visibility
from tests.databases import environment
from web.cli import app, run
from web.library import open_library

STORY = """# Chest first, scale later

Illustrative story: the facility and the people are invented.

## Problem

Only 34 % of babies were put to the breast within one hour, because weighing came first.

## What we tried

- Weigh the baby after the first breastfeed; skin-to-skin contact stays undisturbed.

## Results

After twelve weeks early initiation of breastfeeding reached 82 %.
"""


@pytest.fixture
def kb(tmp_path, monkeypatch):
    """Run `kb` on a library of its own, by words alone: quick, and the same everywhere."""
    monkeypatch.setenv("KB_SEMANTIC", "false")

    def invoke(*arguments: str):
        return CliRunner().invoke(app, ["--data", str(tmp_path / "library"), *arguments])

    return invoke


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "chest.md").write_text(STORY, encoding="utf-8")
    return folder


def test_who_did_what_is_planned_can_be_asked_with_a_text_or_a_draft(kb, folder, tmp_path) -> None:
    kb("ingest", str(folder))
    plan = "We want early initiation of breastfeeding: weigh the baby after the first breastfeed."
    told = kb("similar", "--text", plan).output
    assert "Understood: Early initiation of breastfeeding" in told
    assert "Chest first, scale later" in told
    draft = tmp_path / "plan.md"
    draft.write_text(f"# Our plan\n\n## What we want to try\n\n{plan}\n", encoding="utf-8")
    found = json.loads(kb("similar", "--file", str(draft), "--json").output)
    assert [one["title"] for one in found["similar"]] == ["Chest first, scale later"]


@pytest.mark.parametrize("asked", [[], ["1", "--text", "x"], ["--file", "nowhere.docx"]])
def test_a_plan_that_cannot_be_compared_is_said(kb, asked) -> None:
    error = kb("similar", *asked).exception
    assert isinstance(error, KBError)
    assert error.hint


def test_ingest_twice_adds_once(kb, folder) -> None:
    first, second = kb("ingest", str(folder)), kb("ingest", str(folder))
    assert "1 added as drafts, 0 known already, 0 failed" in first.output
    assert "0 added as drafts, 1 known already, 0 failed" in second.output
    assert (first.exit_code, second.exit_code) == (0, 0)


def test_a_bad_file_is_named_with_its_reason_and_the_others_are_kept(kb, folder) -> None:
    (folder / "empty.docx").write_bytes(b"")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that follows makes sense")
    result = kb("ingest", str(folder))
    assert result.exit_code == 1
    assert "empty.docx" in result.output
    assert "broken.pdf" in result.output
    assert "1 added as drafts, 0 known already, 2 failed" in result.output


def test_what_was_ingested_can_be_asked(kb, folder) -> None:
    kb("ingest", str(folder))
    answer = kb("search", "early breastfeeding")
    assert "Chest first, scale later" in answer.output
    found = json.loads(kb("search", "early breastfeeding", "--json").output)
    assert found["hits"][0]["title"] == "Chest first, scale later"
    assert found["total"] == 1


def test_a_folder_that_does_not_exist_is_said(kb, tmp_path) -> None:
    result = kb("ingest", str(tmp_path / "nowhere"))
    assert isinstance(result.exception, KBError)
    assert "nowhere" in str(result.exception)


def test_an_error_of_ours_is_a_message_and_a_hint(monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setattr(sys, "argv", ["kb", "--data", str(tmp_path), "taxonomy", "show", "milk"])
    with pytest.raises(SystemExit) as stop:
        run()
    assert stop.value.code == 1
    assert "milk" in capsys.readouterr().err


def test_a_wrong_setting_is_named(kb, monkeypatch) -> None:
    monkeypatch.setenv("KB_PORT", "harbour")
    result = kb("taxonomy", "check")
    assert "KB_PORT" in str(result.exception)
    monkeypatch.setenv("KB_PORT", "8000")
    monkeypatch.setenv("KB_BASE_URL", "library.example")
    said = str(kb("user", "add", "asha@hospital.example").exception)
    assert "KB_BASE_URL: “library.example” does not begin with https://" in said
    monkeypatch.delenv("KB_BASE_URL")
    monkeypatch.setenv("KB_API_GUESTS", "often")
    assert "“often” is no limit" in str(kb("serve", "--port", "0").exception)


def test_publishing_needs_a_confirmed_topic(kb, folder) -> None:
    kb("ingest", str(folder))
    refused = kb("publish", "1")
    assert "not ready" in str(refused.exception)
    accepted = kb("publish", "1", "--accept", "0.3", "--ground", "published-already")
    assert "Published 1: Chest first, scale later" in accepted.output


def test_the_taxonomy_is_listed_and_shown(kb) -> None:
    listed = kb("taxonomy", "list", "topics", "--language", "fr")
    assert "kangaroo-mother-care" in listed.output
    shown = kb("taxonomy", "show", "kangaroo-mother-care")
    assert "KMC" in shown.output
    assert "keeps its rules" in kb("taxonomy", "check").output


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'torch', 'faiss', 'numpy', 'fastapi', 'sqlalchemy', 'pydantic', 'yaml'}"
    code = f"import web.cli, sys; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def test_pages_load_nothing_that_only_reads_files() -> None:
    heavy = "{'torch', 'scipy', 'datasketch', 'weasyprint', 'sklearn', 'onnxruntime'}"
    code = f"import web.server, sys; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("foo", "foo"),
        ("postgresql+psycopg://kb:secret@127.0.0.1:1/kb", "127.0.0.1:1"),
        ("postgresql+psycopg//kb:secret@127.0.0.1/kb", "127.0.0.1/kb"),
        ("mysql://kb:secret@127.0.0.1/kb", "not kept in mysql"),
        ("postgresql://kb:secret@127.0.0.1:door/kb", "127.0.0.1:door/kb"),
        ("postgresql+nobody://kb:secret@127.0.0.1/kb", "nobody"),
        ("sqlite:///{folder}/text.txt", "not a database"),
        ("sqlite:///{folder}/nowhere/kb.sqlite", "unable to open"),
    ],
)
def test_a_database_that_cannot_be_opened_is_said(
    kb, tmp_path, monkeypatch, database, said
) -> None:
    (tmp_path / "text.txt").write_text("A plain text, long enough not to pass for a header. " * 9)
    monkeypatch.setenv("KB_DATABASE", database.format(folder=tmp_path))
    error = kb("search", "milk").exception
    assert isinstance(error, KBError)
    assert said in str(error)
    assert "secret" not in str(error)
    assert error.hint


@pytest.mark.parametrize("command", [("upgrade",), ("backup", "b.zip"), ("index",)])
def test_every_command_refuses_what_is_no_address_of_a_database(kb, monkeypatch, command) -> None:
    for wrong in ("foo", "mysql://kb:secret@127.0.0.1/kb", "postgresql://h:door/kb"):
        monkeypatch.setenv("KB_DATABASE", wrong)
        error = kb(*command).exception
        assert isinstance(error, InvalidError), wrong
        assert "secret" not in str(error)


def test_a_variable_that_is_no_setting_is_named_with_the_one_that_may_be_meant(
    kb, monkeypatch
) -> None:
    monkeypatch.setenv("KB_BACKUP", "/mnt/disk")
    monkeypatch.setenv("KB_TEST_EXAMPLES", "7")
    said = kb("taxonomy", "check").output
    assert said.count("Warning") == 1
    assert "KB_BACKUP is no setting, and does nothing. Did you mean KB_BACKUPS?" in said


@pytest.mark.sqlite("on a server the tests make each library themselves")
def test_a_library_that_was_not_there_is_said_to_be_new(kb, tmp_path, caplog) -> None:
    kb("batches")
    assert f"There was no library at {tmp_path / 'library'}" in caplog.text
    caplog.clear()
    kb("batches")
    assert caplog.text == ""


def test_a_value_that_cannot_be_is_refused_by_name(kb) -> None:
    assert "topics" in kb("taxonomy", "list", "milk").output
    assert "65535" in kb("serve", "--port", "99999").output


@pytest.fixture
def refused(monkeypatch, capsys, tmp_path):
    """Run `kb` as a shell does, on a library that can be read; return what it said and left."""
    monkeypatch.setenv("KB_SEMANTIC", "false")

    def refused(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["kb", "--data", str(tmp_path / "library"), *arguments])
        with pytest.raises(SystemExit) as stop:
            run()
        assert stop.value.code == 1
        return capsys.readouterr().err

    return refused


@pytest.mark.sqlite("on a server a writer waits for the other one")
def test_a_locked_database_is_a_message_and_a_hint(
    kb, refused, folder, tmp_path, monkeypatch
) -> None:
    kb("index")
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 50)
    writer = sqlite3.connect(tmp_path / "library" / "kb.sqlite", isolation_level=None)
    writer.execute("begin immediate")
    said = refused("ingest", str(folder))
    writer.close()
    assert "database is locked" in said
    assert "try again" in said


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC, errno.EROFS])
def test_what_the_disk_refuses_is_a_message_and_a_hint(refused, monkeypatch, code) -> None:
    def closed(*_: object) -> None:
        raise OSError(code, os.strerror(code), "/srv/library/site.toml")

    monkeypatch.setattr("web.library.terms_of", closed)
    said = refused("batches")
    message, hint = said.splitlines()
    assert message == f"Error: /srv/library/site.toml: {os.strerror(code)}."
    assert hint


@pytest.mark.sqlite("its file")
def test_a_damaged_file_is_a_message_and_a_hint_for_who_backs_it_up(
    kb, refused, folder, tmp_path
) -> None:
    kb("ingest", str(folder))
    file = tmp_path / "library" / "kb.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    database.close()
    with file.open("r+b") as pages:
        pages.seek(8 * 4096)
        pages.write(bytes(192 * 4096))
    said = refused("backup", str(tmp_path / "b.zip"))
    assert "Restore your backup" in said
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.sqlite("its own measure of a full disk")
def test_a_full_disk_is_a_message_and_a_hint(kb, refused, folder, monkeypatch) -> None:
    kb("index")
    (folder / "long.md").write_text(f"{STORY}\n" * 400, encoding="utf-8")
    monkeypatch.setitem(PRAGMAS, "max_page_count", 1)  # SQLite takes the size it has already
    said = refused("ingest", str(folder))
    assert "full" in said
    assert "Make room" in said


@pytest.mark.sqlite("a file opened for reading only")
def test_a_database_that_is_only_for_reading_is_a_message_and_a_hint(
    kb, refused, folder, tmp_path, monkeypatch
) -> None:
    kb("ingest", str(folder))
    (folder / "second.md").write_text(STORY.replace("twelve", "ten"), encoding="utf-8")
    only_read = f"sqlite:///file:{tmp_path}/library/kb.sqlite?mode=ro&uri=true"
    monkeypatch.setenv("KB_DATABASE", only_read)
    assert "Chest first" in kb("search", "breastfeeding").output
    said = refused("ingest", str(folder))
    assert "readonly" in said
    assert "who may write" in said


def test_ctrl_c_is_one_calm_line_and_the_next_run_goes_on(kb, tmp_path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(300):
        (many / f"{number:03}.md").write_text(f"{STORY}\nNo {number}.", encoding="utf-8")
    command = ["-c", "from web.cli import run; run()"]
    command += ["--data", str(tmp_path / "library"), "ingest", str(many)]
    kb("index")  # the library is there
    running = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path / "library"),
    )
    running.stdout.readline()  # what is read here
    running.stdout.readline()  # the first file is kept
    running.send_signal(signal.SIGINT)
    said, complaint = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.splitlines()[-1].startswith("Stopped.")
    assert complaint == ""
    again = kb("ingest", str(many))
    assert "0 failed" in again.output
    assert " 0 known" not in again.output


@pytest.mark.parametrize(
    ("does", "command", "said"),
    [
        ("kb.backups.write", ("backup", "{}/b.zip"), "Nothing of it is kept"),
        ("kb.backups.restore", ("restore", "{}", "--into", "{}/new"), "Nothing of it is kept"),
        ("web.federating.lend", ("export", "{}/bag"), "Nothing of it is kept"),
        ("web.publish.site.publish_site", ("publish", "site", "{}/copy"), "is as it was"),
    ],
)
def test_ctrl_c_says_what_is_kept_and_only_that(  # noqa: PLR0917  as pytest gives them
    kb, tmp_path, monkeypatch, does, command, said
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(does, stopped)
    done = kb(*(one.format(tmp_path) for one in command))
    assert done.exit_code == 130
    assert said in done.output
    assert "goes on" not in done.output


def test_a_worker_that_writes_lines_of_json_names_neither_file_nor_title(folder, tmp_path) -> None:
    settings = Settings(data=tmp_path / "library", semantic=False)
    with open_library(settings).writing() as session:
        batch = batches.begin(session, BatchKind.INGEST, ["x"], by="me")
        waiting.put(session, batch.id, [folder / "chest.md"])
        session.commit()
    done = subprocess.run(
        [sys.executable, "-c", "from web.cli import run; run()", "work", "--once"],
        capture_output=True,
        text=True,
        env=environment(settings.data, KB_LOG="json", KB_SEMANTIC="false"),
    )
    assert (done.returncode, done.stdout) == (0, "")
    line = json.loads(done.stderr)
    assert (line["message"], line["became"], line["record"]) == ("read", "added", 1)
    assert "chest" not in done.stderr.lower()


def test_a_link_for_a_password_leads_somewhere_where_all_addresses_are_listened_on(
    kb, monkeypatch
) -> None:
    monkeypatch.setenv("KB_HOST", "0.0.0.0")
    said = kb("user", "add", "asha@hospital.example", "--role", "admin").output
    assert "http://localhost:8000/password/" in said


def test_what_an_interrupted_run_left_is_indexed_by_the_next(kb, folder, monkeypatch) -> None:
    with monkeypatch.context() as interrupted:
        interrupted.setattr("web.filling.index", lambda *_, **__: 0)
        kb("ingest", str(folder))
    assert "Nothing found" in kb("search", "breastfeeding").output
    kb("ingest", str(folder))
    assert "Chest first" in kb("search", "breastfeeding").output


def test_asking_does_not_wait_for_who_writes(kb, folder, tmp_path) -> None:
    kb("ingest", str(folder))
    engine = connect(Settings(data=tmp_path / "library").database_url)
    with engine.begin():
        assert "Chest first" in kb("search", "breastfeeding").output
    engine.dispose()


def test_a_batch_is_listed_shown_and_undone(kb, folder, tmp_path) -> None:
    (folder / "empty.docx").write_bytes(b"")
    kb("ingest", str(folder))
    listed = kb("batches")
    assert "1 added, 1 failed" in listed.output
    shown = kb("batches", "1")
    assert "chest.md" in shown.output
    assert "empty.docx is empty. Copy the file again" in shown.output.replace("\n", " ")
    assert "1 records would be removed" in kb("undo", "1", "--dry-run").output
    assert "Chest first" in kb("search", "breastfeeding").output
    undone = kb("undo", "1")
    assert "1 records removed, 0 restored, 0 left as they are" in undone.output
    assert undone.exit_code == 0
    assert "Nothing found" in kb("search", "breastfeeding").output
    assert "undone" in kb("batches").output
    assert "1 added as drafts" in kb("ingest", str(folder)).output


def test_undoing_names_what_somebody_worked_on(kb, folder) -> None:
    kb("ingest", str(folder))
    kb("publish", "1", "--accept", "0.3", "--ground", "published-already")
    undone = kb("undo", "1")
    assert "1 left as they are" in undone.output
    assert "record 1 “Chest first, scale later”: It was edited since." in undone.output
    assert undone.exit_code == 1
    assert "Chest first" in kb("search", "breastfeeding").output


def test_a_dry_run_says_what_would_become_of_each_file_and_keeps_nothing(kb, folder) -> None:
    (folder / "copy.md").write_text(STORY, encoding="utf-8")
    (folder / "empty.docx").write_bytes(b"")
    result = kb("ingest", "--dry-run", str(folder))
    assert "3 files: 1 added as drafts, 1 known already, 1 failed" in result.output
    assert "only a look: nothing was kept" in result.output
    assert "Chest first, scale later" in result.output
    assert "No batch yet" in kb("batches").output
    assert "Nothing found" in kb("search", "breastfeeding").output


def test_the_report_says_of_each_file_what_became_of_it_and_why(kb, folder, tmp_path) -> None:
    (folder / "empty.docx").write_bytes(b"")
    kb("ingest", str(folder), "--report", str(tmp_path / "out.json"))
    report = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert report["batch"] == 1
    assert report["totals"] == {"added": 1, "changed": 0, "known": 0, "failed": 1}
    chest, empty = report["files"]
    assert (chest["became"], chest["record"], chest["title"]) == (
        "added",
        1,
        "Chest first, scale later",
    )
    assert chest["draft"]["language"] == "en"
    assert all(tag["evidence"] in STORY for tag in chest["draft"]["tags"])
    assert empty["error"]["reason"] == "empty"
    assert empty["error"]["hint"]


def test_a_report_that_cannot_be_written_is_said(kb, folder, tmp_path) -> None:
    result = kb("ingest", str(folder), "--report", str(tmp_path / "no" / "out.json"))
    assert isinstance(result.exception, KBError)
    assert "cannot be written" in str(result.exception)
    assert "Chest first" in kb("search", "breastfeeding").output or "1 added" in result.output


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "export", "{}/a.csv"),
        ("taxonomy", "export", "{}/t.ttl"),
        ("site", "new", "{}/site.toml"),
        ("newsletter", "{}/letters"),
        ("templates", "{}/templates", "--kind", "brief", "--language", "en"),
        ("export", "{}/r.jsonl"),
        ("export", "{}/bag"),
        ("backup", "{}/b.zip"),
        ("publish", "site", "{}/copy", "--language", "en"),
        ("restore", "{backup}", "--into", "{}/library"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_written_there_is_said(kb, tmp_path, command) -> None:
    kb("index")
    if "restore" in command:
        kb("backup", str(tmp_path / "b"))
    (tmp_path / "file").write_text("no folder")
    told = [one.format(tmp_path / "file", backup=tmp_path / "b") for one in command]
    error = kb(*told).exception
    assert isinstance(error, KBError), error
    assert str(tmp_path / "file") in str(error)
    assert error.hint


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("export", "{}/r.jsonl", "--originals"), "no files"),
        (("export", "{}/r.jsonl", "--circle", "country"), "everybody may see"),
        (("taxonomy", "export", "{}/t.nt"), ".ttl"),  # which is read, and not written
    ],
)
def test_what_a_form_does_not_hold_is_refused_rather_than_left_out(
    kb, tmp_path, command, said
) -> None:
    error = kb(*(one.format(tmp_path) for one in command)).exception
    assert isinstance(error, InvalidError)
    assert said in f"{error} {error.hint}"
    assert ".nt" not in error.hint
    assert not [one for one in tmp_path.iterdir() if one.suffix in {".jsonl", ".nt"}]


def test_watching_ingests_what_comes(folder, tmp_path) -> None:
    command = "from web.cli import run; run()"
    arguments = ["--data", str(tmp_path / "library"), "ingest", "--watch", str(folder)]
    running = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(tmp_path / "library", KB_SEMANTIC="false", PYTHONUNBUFFERED="1"),
    )
    said = iter(running.stdout.readline, "")
    assert any("Watching" in line for line in said)
    (folder / "later.md").write_text(STORY.replace("Chest first", "Warm chain"), encoding="utf-8")
    assert any("later.md: draft 2" in line for line in said)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode in {0, 130}  # between two batches, or within one


def test_only_folders_are_watched(kb, folder) -> None:
    result = kb("ingest", "--watch", str(folder / "chest.md"))
    assert "only folders can be watched" in str(result.exception)
    assert "do not go together" in str(kb("ingest", "--watch", "--dry-run", str(folder)).exception)


SAME_SUBJECT = """# Feeding within the hour

Illustrative story: the facility and the people are invented.

## Problem

Babies had no skin-to-skin contact and early initiation of breastfeeding was rare at night.

## What we tried

- The night nurse puts each baby to the breast before anything else is done.
"""


def test_what_a_curator_decides_speaks_for_the_next_draft_at_once(kb, folder, tmp_path) -> None:
    for number in range(3):
        text = STORY.replace("Chest first", f"Chest first {number}").replace("34", f"3{number}")
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
    (folder / "chest.md").unlink()
    (folder / "next.md").write_text(SAME_SUBJECT, encoding="utf-8")
    kb("ingest", str(folder))
    library = open_library(Settings(data=tmp_path / "library", semantic=False))
    wanted = "early-initiation-of-breastfeeding"

    def sure() -> float:
        with library.reading() as session:
            tags = {tag.notation: tag for tag in records.read(records.get(session, 4)).tags}
        return tags[wanted].confidence

    before = sure()
    with library.writing() as session:
        for record_id in (1, 2, 3):
            version = records.get(session, record_id).version
            tagging.confirm(session, record_id, [wanted], version=version, by="me")
        session.commit()
    assert "The suggestions of 1 drafts changed." in kb("suggest").output
    assert sure() > before
    assert "1 records removed" in kb("undo", "1").output  # the curator's three stay


def test_what_was_redacted_is_not_found_any_more(kb, folder) -> None:
    named = STORY.replace("because weighing", "as Mrs Neema Zawadi told us, because weighing")
    (folder / "chest.md").write_text(named, encoding="utf-8")
    kb("ingest", str(folder))
    assert "Mrs Neema Zawadi" in kb("search", "weighing came first").output
    found = kb("privacy", "1").output
    numbers = re.findall(r"^\s*(\d+)", found, flags=re.MULTILINE)
    assert numbers
    kb("privacy", "1", "--redact", numbers[0])
    assert "Zawadi" not in kb("search", "weighing came first").output
    assert kb("publish", "1", "--accept", "0.3", "--ground", "published-already").exit_code == 0
    assert "Zawadi" not in kb("search", "weighing came first").output


def test_what_readers_missed_is_listed_written_and_measured(kb, folder, tmp_path) -> None:
    kb("ingest", str(folder))
    library = open_library(Settings(data=tmp_path / "library"))
    today = utcnow().date()
    with library.writing() as session:
        record = session.get(Record, 1)
        record.status, record.visibility = Status.PUBLISHED, Visibility.PUBLIC
        missing = needs.kept_of("Snake antivenom", concepts=(), language="en", day=today)
        needs.note(session, {missing: 3})
        proposed = judgements.propose(session, "why weigh later", 1, language="en", today=today)
        judgements.decide(session, proposed.id, JudgementState.CONFIRMED, grade=3, by="test")
        session.commit()
    listed = kb("needs", "--since", "1y")
    assert "Without a concept  asked 3 times" in listed.output
    assert "snake antivenom" in listed.output
    assert json.loads(kb("needs", "--json").output)[0]["times"] == 3
    assert isinstance(kb("needs", "--since", "soon").exception, KBError)
    missed = str(tmp_path / "missed")
    assert "1 judged questions" in kb("judgements", missed).output
    assert "success@5  1.0000" in kb("evaluate", missed).output


def test_an_evaluation_stands_beside_the_one_of_another_version(kb, tmp_path, monkeypatch) -> None:
    judged = tmp_path / "judged"
    (judged / "qrels").mkdir(parents=True)
    lines = [{"_id": "d1", "title": "Scale", "text": "Weigh later."}]
    lines.append({"_id": "d2", "title": "Fridge", "text": "Keep it cold."})
    (judged / "corpus.jsonl").write_text("\n".join(map(json.dumps, lines)))
    asked = [{"_id": f"q{n}", "text": "weigh", "kind": "lay" if n else "short"} for n in range(3)]
    (judged / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
    rows = ["query-id\tcorpus-id\tscore", *(f"q{n}\td1\t1" for n in range(3))]
    (judged / "qrels" / "test.tsv").write_text("\n".join(rows))
    first = kb("evaluate", str(judged)).output
    assert "No run of another version is remembered" in first
    assert re.search(r"lay\s+2\s+1.000", first)
    monkeypatch.setattr("search.trend.code_digest", lambda: "other")
    assert "every question is answered as well as then" in kb("evaluate", str(judged)).output
    found = json.loads(kb("evaluate", str(judged), "--json", "--by", "kind").output)
    assert found["by"]["kind"]["short"]["questions"] == 1
    assert found["compared"]["differences"]["ndcg@10"] == 0
    assert found["compared"]["earlier"]["name"] == "judged"


def test_a_collection_is_put_together_shown_and_taken_back(kb, folder) -> None:
    (folder / "second.md").write_text(SAME_SUBJECT, encoding="utf-8")
    kb("ingest", str(folder))
    assert "no collection yet" in kb("collections", "list").output
    assert "1  Warm babies  (draft, 0 records)" in kb("collections", "new", "Warm babies").output
    kb("collections", "add", "1", "1", "2")
    assert "not ready" in str(kb("collections", "publish", "1").exception)
    kb("publish", "1", "--accept", "0.3", "--ground", "published-already")
    kb("collections", "describe", "1", "--purpose", "For the night.", "--language", "en")
    kb("collections", "order", "1", "2")
    kb("collections", "annotate", "1", "1", "Read this first.")
    published = kb("collections", "publish", "1").output
    assert "(published, 2 records, 1 not shown to readers)" in published
    shown = kb("collections", "show", "1").output
    assert re.search(
        r"2  Feeding within the hour  \(not shown to readers: draft\)  \[2\]\n +1  Ch", shown
    )
    assert "Read this first." in shown
    assert "1 record)" in kb("collections", "remove", "1", "2").output
    assert "withdrawn" in kb("collections", "withdraw", "1", "--reason", "Old.").output


def test_a_package_grows_by_parts_and_editions(kb, folder) -> None:
    kb("ingest", str(folder))
    kb("publish", "1", "--accept", "0.3", "--ground", "published-already")
    kb("collections", "new", "Warm babies", "--kind", "change-package", "--purpose", "Go.")
    kb("collections", "add", "1", "1")
    kb("collections", "say", "1", "Count first.", "--heading", "Begin")
    refused = kb("collections", "publish", "1").exception
    assert "a licence for the whole" in refused.hint
    kb("collections", "describe", "1", "--licence", "CC-BY-4.0", "--audience", "researchers")
    assert "are not decided" in str(kb("collections", "publish", "1").exception)
    shown = kb("collections", "show", "1").output
    assert re.search(r"no licence – unknown: decide with", shown)
    part = re.search(r" 1  .*\[(\d+)\]", shown)
    assert part
    kb("collections", "clear", "1", part[1], "permitted", "--note", "The team, in May.")
    assert "permitted. The team, in May." in kb("collections", "show", "1").output
    kb("collections", "move", "1", part[1], "--by", "-1")
    kb("collections", "publish", "1", "--note", "The first.")
    assert "The first." in kb("collections", "editions", "1").output
    assert "2  Warm babies  (draft, 1 record)" in kb("collections", "adapt", "1").output
    missing = kb("collections", "drop", "2", "99").exception
    assert "no part 99" in str(missing)
    why = kb("collections", "idea", "1", "1", "Weigh later", "--leave-out").exception
    assert "Say it in a sentence" in why.hint


def test_a_note_is_about_one_record(kb, folder) -> None:
    (folder / "second.md").write_text(SAME_SUBJECT, encoding="utf-8")
    kb("ingest", str(folder))
    kb("collections", "new", "Warm babies")
    refused = kb("collections", "add", "1", "1", "2", "--note", "Both of them")
    assert "about one record" in str(refused.exception)
