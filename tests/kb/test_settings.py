import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from kb.settings import Settings


def test_several_taxonomy_files_are_separated_like_path(monkeypatch) -> None:
    monkeypatch.setenv("KB_TAXONOMY", os.pathsep.join(["national.yaml", "site.yaml"]))
    assert Settings().taxonomy == (Path("national.yaml"), Path("site.yaml"))


@pytest.mark.sqlite("the file that is meant where nothing is said")
def test_a_path_that_is_set_to_nothing_is_not_the_folder_that_somebody_stands_in(
    monkeypatch,
) -> None:
    for name in ("SITE", "BACKUPS", "SMTP_PASSWORD_FILE", "OIDC_CLIENT_SECRET_FILE"):
        monkeypatch.setenv(f"KB_{name}", "")
        assert getattr(Settings(), name.lower()) is None
    monkeypatch.setenv("KB_DATA", "")
    with pytest.raises(ValidationError, match="names no folder"):
        Settings()


@pytest.mark.parametrize("said", ["9464", "127.0.0.1", "here: 9464"])
def test_metrics_are_told_at_an_address_with_a_port(monkeypatch, said) -> None:
    monkeypatch.setenv("KB_METRICS", said)
    with pytest.raises(ValidationError, match=r"such as 127\.0\.0\.1:9464"):
        Settings()


def test_the_database_lies_in_the_data_folder_unless_it_is_named(tmp_path) -> None:
    assert Settings(data=tmp_path).database_url == f"sqlite:///{tmp_path / 'kb.sqlite'}"
    assert Settings(database="postgresql+psycopg://x/y").database_url.startswith("postgresql")
