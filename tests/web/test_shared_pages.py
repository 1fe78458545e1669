"""Pages that the processes of one server give each other, while they hold, and to guests alone."""

import json
import os
import subprocess
from dataclasses import replace
from time import monotonic

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select

from kb import processes, records
from kb.models import Usage
from kb.vocabulary import Role, Visibility
from web import shared_pages
from web.app import create_app
from web.library import Library
from web.shared_pages import SharedPages, folder_to_share, opened, sweep
from web.who import COOKIE

DAY_S = 86_400


@pytest.fixture
def folder(tmp_path):
    there = tmp_path / "shared"
    there.mkdir(0o700)
    return there


@pytest.fixture
def process(library, folder):
    """Return a new process of a server, as it were, that may show what was for a minute."""
    library.settings.__dict__["keep_s"] = 60

    def start(of: Library = library) -> TestClient:
        app = create_app(of, shared=SharedPages(folder, of))
        return TestClient(app, headers={"User-Agent": "Mozilla/5.0"})

    return start


@pytest.fixture
def two(process):
    return process(), process()


@pytest.fixture
def made(engine):
    """What was read of stories: whoever gives a page that was made reads none."""
    said: list[str] = []

    def hear(_connection, _cursor, statement, *_rest) -> None:
        if "FROM section" in statement:
            said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    return said


@pytest.fixture
def path(shelf, two):
    """The path of a story that the first process has shown; the second has shown another one."""
    one, other = (shelf(visibility=Visibility.PUBLIC, title=f"Story {n}") for n in (1, 2))
    two[0].get(f"/records/{one}")
    two[1].get(f"/records/{other}")
    return f"/records/{one}"


def _retitled(session, path: str, title: str) -> None:
    record = records.get(session, int(path.rpartition("/")[2]))
    new = records.read(record).model_copy(update={"title": title})
    records.edit(session, record.id, new, version=record.version, by="test")
    session.commit()


def test_what_one_process_made_the_other_gives_too(two, path, made) -> None:
    first = two[0].get(path)
    del made[:]
    again = two[1].get(path)
    assert not made
    assert again.content == first.content
    assert dict(again.headers) == dict(first.headers)


def test_a_story_that_changed_is_not_given_as_it_was(two, path, session) -> None:
    _retitled(session, path, "Told anew")
    assert "Told anew" in two[1].get(path).text
    records.withdraw(session, int(path.rpartition("/")[2]), by="test", reason="a test")
    session.commit()
    assert two[0].get(path).status_code == 410


def test_what_names_records_unsaid_is_not_shared(two, path, session) -> None:
    assert "Story 1" in two[0].get("/suggest?q=sto").text
    two[1].get("/suggest?q=other")
    _retitled(session, path, "Told anew")
    assert "Story 1" not in two[1].get("/suggest?q=sto").text


def test_nothing_is_shared_where_nothing_may_be_older(process, shelf, folder, library) -> None:
    shelf(visibility=Visibility.PUBLIC)
    library.settings.__dict__["keep_s"] = 0
    assert process().get("/topics").status_code == 200
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    "other",
    [{"made": -DAY_S}, {"made": DAY_S}, {"shelf": "0 0 0"}, {"told": [[1, 99, "2026-01-01"]]}],
    ids=str,
)
def test_a_page_that_is_too_old_or_of_another_shelf_is_made_anew(
    two, path, made, folder, other
) -> None:
    for file in folder.iterdir():
        head, _, body = file.read_bytes().partition(b"\n")
        said = json.loads(head) | other
        if "made" in other:
            said["made"] = monotonic() + other["made"]
        file.write_bytes(json.dumps(said).encode() + b"\n" + body)
    del made[:]
    assert two[1].get(path).status_code == 200
    assert made


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]\nx", b"{}\nx", b"\xff\n", b'{"route": "/"}'])
def test_a_damaged_page_is_made_anew(two, path, made, folder, damaged) -> None:
    first = two[0].get(path)
    for file in folder.iterdir():
        file.write_bytes(damaged)
    del made[:]
    assert two[1].get(path).content == first.content
    assert made


def test_another_folder_of_that_name_is_not_looked_into(two, path, made, folder, caplog) -> None:
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.mkdir()
    for file in aside.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
        file.unlink()
    aside.rmdir()
    del made[:]
    assert two[1].get(path).status_code == 200
    assert made
    assert "Pages are not shared" in caplog.text  # none can be put there, either


def test_a_process_starts_without_a_folder_that_is_not_its_own(library, folder, caplog) -> None:
    folder.chmod(0o755)
    assert opened(folder, library) is None
    assert "not for this server alone" in caplog.text
    folder.rmdir()
    assert opened(folder, library) is None
    assert "No such file" in caplog.text


def test_a_process_with_another_site_file_makes_its_own(library, process, path, made) -> None:
    said = library.settings.model_copy(update={"name": "The other library"})
    other = process(replace(library, settings=said))
    other.get("/records/2")
    del made[:]
    assert "The other library" in other.get(path).text
    assert made


def test_a_process_that_finds_words_only_makes_its_own(two, path, made, monkeypatch) -> None:
    monkeypatch.setattr(Library, "words_only", property(lambda _library: True))
    del made[:]
    two[1].get(path)
    assert made


def test_who_signed_in_gets_a_page_of_their_own(two, path, account) -> None:
    secret = account(Role.CURATOR, email="amina@people.example")
    theirs = {"Cookie": f"{COOKIE}={secret}"}
    assert "Amina" in two[1].get(path, headers=theirs).text
    assert "Amina" not in two[0].get(path).text


def test_who_looks_at_what_another_process_made_is_counted(two, library, shelf, made) -> None:
    one, other = (shelf(visibility=Visibility.PUBLIC) for _ in "12")
    two[0].get(f"/records/{one}", headers={"User-Agent": "Mozilla/5.0 Firefox"})
    two[1].get(f"/records/{other}", headers={"User-Agent": "Safari"})
    del made[:]
    two[1].get(f"/records/{one}", headers={"User-Agent": "Safari"})
    assert not made
    for client in two:
        client.app.state.counting.write()
    with library.reading() as session:
        times = select(Usage.number, func.sum(Usage.times)).group_by(Usage.number)
        looked = dict(session.execute(times).all())
    assert looked == {one: 2, other: 1}


def test_what_is_old_or_too_much_goes(folder, monkeypatch) -> None:
    now = folder.stat().st_mtime
    for age, name in enumerate(("new", "older", "oldest")):
        (folder / name).write_bytes(b"x" * 10)
        os.utime(folder / name, (now - age, now - age))
    (folder / "ancient").write_bytes(b"x")
    os.utime(folder / "ancient", (now - DAY_S, now - DAY_S))
    sweep(folder)
    assert {file.name for file in folder.iterdir()} == {"new", "older", "oldest"}
    monkeypatch.setattr(shared_pages, "MOST_SHARED", 20)
    sweep(folder)
    assert {file.name for file in folder.iterdir()} == {"new", "older"}


def test_a_full_disk_is_said_once_and_does_no_harm(two, shelf, folder, monkeypatch, caplog) -> None:
    shelf(visibility=Visibility.PUBLIC)

    def full(*_anything) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared_pages, "_packed", full)
    for address in ("/topics", "/countries"):
        assert two[0].get(address).status_code == 200
    assert caplog.text.count("No space left on device") == 1
    assert not list(folder.iterdir())


def test_pages_of_killed_servers_go_and_of_running_ones_stay(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(shared_pages, "MEMORY", tmp_path)
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = tmp_path / f"{shared_pages.PAGES}{processes.here()}-{gone.pid}-x"
    left.mkdir()
    with folder_to_share() as first:
        assert first.stat().st_mode & 0o777 == 0o700
        assert list(tmp_path.iterdir()) == [first]
        os.utime(first, (0, 0))  # nothing was shared for long
        with folder_to_share():
            assert len(list(tmp_path.iterdir())) == 2
    assert not list(tmp_path.iterdir())


def test_where_there_is_no_such_place_nothing_is_shared(tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setattr(shared_pages, "MEMORY", tmp_path / "nowhere")
    with folder_to_share() as folder:
        assert folder is None
    assert "share no pages" in caplog.text
