"""The second run of `make test`, on PostgreSQL: what it begins with, and what it leaves out."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine

from tests.databases import turned

AGAIN = {"KB_TEST_DATABASE": "postgresql+psycopg://nobody@/none?host=/nowhere"}
AGAIN |= {"KB_TEST_AGAIN": "yes", "KB_TEST_UNTIL": "0"}


def test_each_version_begins_with_another_file_and_leaves_none_out() -> None:
    items = [SimpleNamespace(path=name, number=n) for n, name in enumerate("aabbbc")]

    def order(version: str) -> str:
        return "".join(f"{item.path}{item.number}" for item in turned(items, version))

    assert order("") == order("3") == "a0a1b2b3b4c5"
    assert order("1") == "b2b3b4c5a0a1"
    assert order("70e21ad") == "c5a0a1b2b3b4"
    assert turned([], "70e21ad") == []


def _run(*arguments: str, **environment: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    told = subprocess.run(
        command,
        env=os.environ | environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout


def test_what_there_is_no_time_for_is_left_out_and_said() -> None:
    told = _run("tests/search/test_fusion.py", "tests/web/test_messages.py", **AGAIN)
    assert " passed" not in told
    assert "no time is left: `make test-postgresql` runs it" in told
    assert "keeps nothing in a database, and was run before" in told


@pytest.mark.no_library
@pytest.mark.xfail(raises=pytest.fail.Exception, reason="it opens one", strict=True)
def test_whoever_keeps_no_library_may_not_open_one() -> None:
    create_engine("sqlite://").connect()
