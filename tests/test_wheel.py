import os
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.no_library

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The folder with the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_all_that_runs(built) -> None:
    [wheel] = built.glob("*.whl")
    names = set(ZipFile(wheel).namelist())
    for path in (
        "kb/taxonomy.yaml",
        "kb/migrations/env.py",
        "kb/migrations/script.py.mako",
        "web/templates/base.html",
        "web/static/maktaba.css",
        "web/samples/truth.yaml",
    ):
        assert path in names
    tables = {
        str(path.relative_to(ROOT))
        for room in ("kb", "ingest")
        for path in (ROOT / room).rglob("*.yaml")
    }
    assert {"ingest/headings.yaml", "ingest/weights.yaml", "kb/identifiers/words.yaml"} <= tables
    kept = {*tables, *_files("web/templates"), *_files("web/static"), *_files("kb/migrations")}
    assert kept <= names
    assert len([name for name in names if name.startswith("web/samples/library/")]) == 60
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]


def _files(folder: str) -> set[str]:
    """Return the files below a folder of the checkout, as the wheel should name them."""
    found = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
    return {str(path) for path in found if "__pycache__" not in path.parts}


def test_the_source_archive_holds_what_a_contributor_needs(built) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"Makefile", "setup_env.py", "constraints.txt", "taxonomy.yaml"} <= names
    assert {"examples/truth.yaml", "examples/make_library.py"} <= names
    assert {"CONTRIBUTING.md", "SECURITY.md", "LICENSE", "tests/conftest.py"} <= names
    assert not [name for name in names if ".venv" in name or "__pycache__" in name]


@pytest.mark.sqlite("what is made without any setting")
def test_the_demo_runs_from_the_wheel_alone(built, tmp_path) -> None:
    [wheel] = built.glob("*.whl")
    packages, elsewhere = tmp_path / "packages", tmp_path / "elsewhere"
    ZipFile(wheel).extractall(packages)
    elsewhere.mkdir()
    there = {str(packages / name) for name in ("kb", "ingest", "search", "web")}
    code = (
        "import sys, kb, ingest, search, web.cli; "
        f"assert {{m.__path__[0] for m in (kb, ingest, search, web)}} == {there!r}; "
        "sys.argv = ['kb', 'demo', '--no-serve']; web.cli.run()"
    )
    environment = {**os.environ, "PYTHONPATH": str(packages), "KB_SEMANTIC": "false"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=elsewhere, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "55 published" in done.stdout
    assert (elsewhere / "var/demo/kb.sqlite").is_file()
