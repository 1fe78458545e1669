from hashlib import sha256

import pytest

from kb import originals
from kb.errors import NotFoundError


def test_the_bytes_stay_as_they_came(session, tmp_path) -> None:
    source = tmp_path / "story.docx"
    source.write_bytes(b"PK\x03\x04 as it came")
    digest = originals.sha256_of(source)
    folder = tmp_path / "originals"

    row = originals.keep(session, source, folder=folder, sha256=digest, media_type="x/y")
    source.write_bytes(b"changed afterwards")

    assert digest == sha256(b"PK\x03\x04 as it came").hexdigest()
    assert originals.find(folder, digest).read_bytes() == b"PK\x03\x04 as it came"
    assert (row.name, row.size) == ("story.docx", 15)


def test_the_same_bytes_are_kept_once(session, tmp_path) -> None:
    folder = tmp_path / "originals"
    rows = []
    for name in ("one.txt", "two.txt"):
        path = tmp_path / name
        path.write_text("same")
        digest = originals.sha256_of(path)
        rows.append(
            originals.keep(session, path, folder=folder, sha256=digest, media_type="text/plain")
        )
        session.flush()
    assert rows[0] is rows[1]
    assert len([p for p in folder.rglob("*") if p.is_file()]) == 1


def test_a_lost_original_is_said_with_what_to_do(tmp_path) -> None:
    with pytest.raises(NotFoundError, match="missing") as caught:
        originals.find(tmp_path, "ab" * 32)
    assert "backup" in caught.value.hint
