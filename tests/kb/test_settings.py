import os
from pathlib import Path

import pytest

from kb.settings import Settings


def test_several_taxonomy_files_are_separated_like_path(monkeypatch) -> None:
    monkeypatch.setenv("KB_TAXONOMY", os.pathsep.join(["national.yaml", "site.yaml"]))
    assert Settings().taxonomy == (Path("national.yaml"), Path("site.yaml"))


@pytest.mark.sqlite("the file that is meant where nothing is said")
def test_the_database_lies_in_the_data_folder_unless_it_is_named(tmp_path) -> None:
    assert Settings(data=tmp_path).database_url == f"sqlite:///{tmp_path / 'kb.sqlite'}"
    assert Settings(database="postgresql+psycopg://x/y").database_url.startswith("postgresql")
