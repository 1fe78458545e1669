"""The sample library through the real readers: one story stands in it twice."""

import importlib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy.orm import Session

from ingest import readers, structure
from ingest.duplicates import Shelf
from kb import content, originals, records
from kb.vocabulary import LikenessKind

EXAMPLES = Path(__file__).parents[2] / "examples"
TRUTH = yaml.safe_load((EXAMPLES / "truth.yaml").read_text(encoding="utf-8"))
SOURCE = EXAMPLES / "sources" / "01-chest-first-weigh-later.md"


def keep(session: Session, shelf: Shelf, path: Path, folder: Path):
    document = readers.read(path)
    found = structure.read(document.markdown, title=document.title)
    media, sha256 = document.media_type, document.sha256
    originals.keep(session, path, folder=folder, sha256=sha256, media_type=media)
    new = content.Record(title=found.title or path.stem, sections=found.sections)
    record = records.create(session, new, by="test", original=sha256)
    modified = document.metadata.modified
    return record.id, shelf.note(session, record.id, document.markdown, modified=modified)


def test_of_the_sixty_sample_stories_one_pair_is_found(session, tmp_path):
    shelf = Shelf.load(session)
    names, pairs = {}, []
    for name in sorted(TRUTH):
        record_id, found = keep(session, shelf, EXAMPLES / "library" / name, tmp_path)
        names[record_id] = name
        pairs += found
    repeats = {
        (name, said["near_duplicate_of"])
        for name, said in TRUTH.items()
        if said["near_duplicate_of"]
    }
    assert {(names[pair.record_id], names[pair.other_id]) for pair in pairs} == repeats
    [pair] = pairs
    assert pair.kind is LikenessKind.EARLIER_VERSION
    assert names[pair.earlier_id].endswith("v2.docx")


@pytest.mark.parametrize("suffix", ["docx", "odt", "pdf", "html"])
def test_a_story_in_another_format_is_found(session, tmp_path, suffix, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    library = importlib.import_module("make_library")
    source = library.read(SOURCE)
    one, two = tmp_path / "story.md", tmp_path / f"story.{suffix}"
    one.write_text(source.body, encoding="utf-8")
    two.write_bytes(library.made(replace(source, format=suffix)))
    shelf = Shelf.load(session)
    keep(session, shelf, one, tmp_path / "kept")
    _, [pair] = keep(session, shelf, two, tmp_path / "kept")
    assert pair.kind is LikenessKind.SAME_TEXT
