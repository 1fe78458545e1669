"""A library's records on a stick, from `kb export` to the pages of another library."""

import json
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from typer.testing import CliRunner

from kb import records
from kb.db import connect
from kb.errors import KBError
from kb.models import Record
from kb.settings import Settings
from kb.vocabulary import Ground
from tests.hostile_bags import BAG, folder, listed, zipped
from web import federating
from web.app import create_app
from web.cli import app
from web.filling import quietly
from web.library import open_library

STORY = {
    "title": "Chest <b>first</b>",
    "summary": "An hour on the chest.",
    "sections": [{"role": "changes", "heading": "What", "body": "Weigh later."}],
    "tags": [{"notation": "early-initiation-of-breastfeeding", "status": "confirmed"},
             {"notation": "their-own"}],
    "licence": "CC-BY-4.0",
}  # fmt: skip
HOME = "https://mbeya.example/records/7"


def _stick(at: Path, *lines: dict, **files: bytes) -> Path:
    """Return a bag of another library on a stick that cannot be written to."""
    text = "".join(
        json.dumps({"maktaba": 1, "library": "Mbeya", "origin": HOME, **line}) + "\n"
        for line in lines
    )
    concepts = json.dumps({"notation": "their-own", "scheme": "topics", "pref": {"en": "Own word"}})
    made = {
        **BAG,
        "data/records.jsonl": text.encode(),
        "data/concepts.jsonl": concepts.encode(),
        **{f"data/files/{name}": content for name, content in files.items()},
    }
    stick = at / "USB stick (2)"
    if stick.exists():
        shutil.rmtree(stick)
    return folder(listed(made), stick)


@pytest.fixture
def kb(tmp_path, monkeypatch):
    monkeypatch.setenv("KB_SEMANTIC", "false")

    def invoke(*arguments: str, library: str = "ours") -> str:
        done = CliRunner().invoke(app, ["--data", str(tmp_path / library), *arguments])
        if isinstance(done.exception, KBError):
            raise done.exception
        return done.output

    return invoke


def _records(data: Path) -> list[tuple]:
    return _asked(data, "select title, status, library, origin, licence from record order by id")


def _asked(data: Path, query: str) -> list[tuple]:
    engine = connect(Settings(data=data).database_url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def test_a_library_from_a_stick_is_read_shown_followed_and_taken_back(kb, tmp_path) -> None:
    photo = b"\xff\xd8 a photo"
    name = sha256(photo).hexdigest()
    files = [
        {"sha256": name, "what": "photo", "media_type": "image/jpeg", "caption": "The ward"},
        {"sha256": "0" * 64, "what": "original", "media_type": "application/pdf"},
    ]
    stick = str(_stick(tmp_path, {"record": STORY, "files": files}, **{name: photo}))
    for path in (Path(stick), *Path(stick).rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    dry = kb("import", stick, "--origin", "Mbeya Region", "--dry-run")
    assert "their-own: Own word" in dry
    first = kb("import", stick, "--origin", "Mbeya Region")
    assert "1 added" in first
    assert "000000000000… is not in the bag" in first
    assert "0 added, 0 changed, 1 known" in kb("import", stick, "--origin", "Mbeya Region")
    data = tmp_path / "ours"
    assert _records(data) == [("Chest <b>first</b>", "draft", "Mbeya Region", HOME, "CC-BY-4.0")]
    assert (data / "originals" / name[:2] / name).read_bytes() == photo

    kb("publish", "1", "--accept", "0", "--ground", Ground.OPEN_LICENCE.value)
    library = open_library(Settings(data=data, semantic=False))
    with TestClient(create_app(library)) as client:
        page = client.get("/records/1").text
        assert f'<a href="{HOME}" rel="noopener">Mbeya Region</a>' in page
        assert '<meta name="citation_publisher" content="Mbeya Region">' in page
        assert (
            "Mbeya Region"
            in client.get(
                "/records/1", headers={"Accept": "text/turtle, application/x-bibtex"}
            ).text
        )

    for path in (Path(stick), *Path(stick).rglob("*")):
        path.chmod(0o755)
    newer = str(_stick(tmp_path, {"record": {**STORY, "title": "Chest first"}}))
    assert "1 changed" in kb("import", newer, "--origin", "Mbeya Region")
    gone = str(_stick(tmp_path, {"withdrawn": True}))
    assert "withdrawn here, too" in kb("import", gone, "--origin", "Mbeya Region")
    assert _records(data)[0][1] == "withdrawn"
    with TestClient(create_app(library)) as client:
        assert client.get("/records/1").status_code == 410
    library.engine.dispose()


def test_both_texts_are_shown_and_one_is_kept(kb, tmp_path) -> None:
    stick = str(_stick(tmp_path, {"record": STORY}))
    kb("import", stick)
    library = open_library(Settings(data=tmp_path / "ours", semantic=False))
    with library.writing() as session:
        record = session.get(Record, 1)
        mine = records.read(record).model_copy(update={"summary": "Ours, edited."})
        records.edit(session, 1, mine, version=record.version, by="me")
        session.commit()
    library.engine.dispose()
    assert "Nothing was changed in two places" in kb("conflicts")
    newer = str(_stick(tmp_path, {"record": {**STORY, "summary": "Theirs, [edited]."}}))
    assert "kb conflicts 1" in kb("import", newer)
    assert "1  record 1, from Mbeya: Chest <b>first</b>" in kb("conflicts")
    both = kb("conflicts", "1")
    assert "ours:   Ours, edited." in both
    assert "theirs: Theirs, [edited]." in both
    assert "keeps their text" in kb("conflicts", "1", "--keep", "theirs")
    assert "Nothing was changed" in kb("conflicts")
    assert "theirs, curator" in kb("conflicts", "--all")


def test_what_goes_out_comes_in_elsewhere_and_goes_out_equal(kb, tmp_path) -> None:
    """From one library through a second into a third: the same lines, still the first one's."""
    stick = str(_stick(tmp_path, {"record": STORY}))
    kb("import", stick, library="a")
    kb("publish", "1", "--accept", "0", "--ground", "open-licence", library="a")
    out = tmp_path / "from a.zip"
    assert "1 records and 0 files" in kb("export", str(out), "--originals", library="a")
    kb("import", str(out), "--origin", "A", library="b")
    kb("publish", "1", "--accept", "0", "--ground", "open-licence", library="b")
    again = tmp_path / "from b"
    kb("export", str(again), library="b")
    (line,) = (again / "data" / "records.jsonl").read_text().splitlines()
    kb("export", str(tmp_path / "a.jsonl"), library="a")
    before, after = (json.loads(one) for one in ((tmp_path / "a.jsonl").read_text(), line))
    assert (after["origin"], after["library"]) == (HOME, "Mbeya")
    for one in (before, after):
        one["record"]["tags"] = [tag["notation"] for tag in one["record"]["tags"]]
    assert after == before
    crate = json.loads((again / "data" / "ro-crate-metadata.json").read_text())
    parts = {part["@id"] for part in crate["@graph"][1]["hasPart"]}
    assert parts == {path.name for path in (again / "data").iterdir()} - {"ro-crate-metadata.json"}
    with pytest.raises(KBError, match="who permitted"):
        kb("export", str(tmp_path / "c"), "--circle", "country", library="a")
    with pytest.raises(KBError, match="is no backup"):
        kb("restore", str(again), "--into", str(tmp_path / "d"))
    (again / "data" / "records.jsonl").write_text("{}")
    with pytest.raises(KBError, match=r"records\.jsonl"):
        kb("import", str(again), library="c")
    assert _records(tmp_path / "c") == []


def test_a_hostile_export_stops_nothing_and_takes_no_file_of_ours(kb, tmp_path) -> None:
    """Each line fails alone, what is beside it comes, and no name stands for another's bytes."""
    data = tmp_path / "ours"
    secret = b"an original of our own"
    ours = sha256(secret).hexdigest()
    lines = [
        {"origin": "x#1", "record": STORY | {"title": "a\ud800"}},
        {"origin": "x\ud800", "record": STORY},
        {"origin": {"a": 1}, "record": STORY},
        {"origin": "x#2", "library": "M" * 300, "record": STORY},
        {"origin": "x#3", "record": STORY | {"n_facilities": 10**30}},
        {"origin": "x#4", "record": STORY | {"summary": "a\x00b"}},
        {"origin": "x#5", "record": STORY | {"baseline": {"value": float("inf")}}},
        {
            "record": STORY,
            "files": [
                {"sha256": ours, "what": "original", "media_type": "text/plain"},
                {"sha256": "../../x", "what": "photo"},
                {"sha256": {"a": 1}},
            ],
        },
    ]
    stick = str(_stick(tmp_path, *lines, **{ours: b"something else"}))
    told = kb("import", stick)
    assert "1 added, 0 changed, 0 known, 7 failed" in told
    assert "is another than its name says" in told
    assert told.count("is not in the bag") == 2
    assert [row[0] for row in _records(data)] == [STORY["title"]]
    assert not list((data / "originals").rglob("*-*"))
    assert _asked(data, "select count(*) from attachment") == [(0,)]


def test_an_interrupted_import_goes_on_unless_another_stick_lies_there(kb, tmp_path) -> None:
    lines = [
        {"origin": f"https://mbeya.example/records/{number}", "record": STORY | {"title": title}}
        for number, title in enumerate(("One", "Two", "Three"), start=1)
    ]
    stick = _stick(tmp_path, *lines)
    library = open_library(Settings(data=tmp_path / "ours", semantic=False))
    offer = federating.offered(library, stick)
    assert (offer.plan.count, offer.plan.ready) == (3, 3)

    def pulled(done: int, _total: int, _line: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    for _ in range(2):  # the same again goes on, and is pulled again: nothing of it is new
        with pytest.raises(KeyboardInterrupt):
            federating.borrow(library, offer, step=pulled)
    other = [{"origin": "https://mbeya.example/records/9", "record": STORY | {"title": "Nine"}}]
    _stick(tmp_path, *other)
    second = federating.borrow(library, federating.offered(library, stick), step=quietly)
    assert second.batch_id == 2
    library.engine.dispose()
    assert "2 records removed" in kb("undo", "1")
    assert [row[0] for row in _records(tmp_path / "ours")] == ["Nine"]


@pytest.mark.parametrize("name", ["records.jsonl", "collections.jsonl"])
def test_a_stick_that_rots_after_it_was_looked_at_is_said(kb, tmp_path, name) -> None:
    line = {"maktaba": 1, "library": "Mbeya", "origin": HOME, "record": STORY}
    words = [f"no record {sha256(bytes([number])).hexdigest() * 9}" for number in range(60)]
    made = BAG | {
        "data/records.jsonl": "\n".join([json.dumps(line), *words]).encode(),
        "data/collections.jsonl": "\n".join(words).encode(),
    }
    stick = zipped(listed(made), tmp_path)
    library = open_library(Settings(data=tmp_path / "ours", semantic=False))
    offer = federating.offered(library, stick)
    with zipfile.ZipFile(stick) as archive:
        info = archive.getinfo(f"data/{name}")
    good = stick.read_bytes()
    middle = info.header_offset + 60 + info.compress_size // 2
    stick.write_bytes(good[:middle] + b"\xff" * 30 + good[middle + 30 :])
    with pytest.raises(KBError, match="cannot be read any more"):
        federating.borrow(library, offer, step=quietly)
    stick.write_bytes(good)
    done = federating.borrow(library, offer, step=quietly)
    assert [one.became for one in done.brought[:1]] == ["known"]  # it came, and is not doubled
    library.engine.dispose()
