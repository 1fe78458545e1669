import os
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

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
        "ingest/headings.yaml",
        "web/templates/base.html",
        "web/static/maktaba.css",
        "web/samples/truth.yaml",
    ):
        assert path in names
    assert len([name for name in names if name.startswith("web/samples/library/")]) == 60
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]


def test_the_source_archive_holds_what_a_contributor_needs(built) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"Makefile", "setup_env.py", "constraints.txt", "taxonomy.yaml"} <= names
    assert {"CONTRIBUTING.md", "SECURITY.md", "LICENSE", "tests/conftest.py"} <= names
    assert not [name for name in names if ".venv" in name or "__pycache__" in name]


def test_the_demo_runs_from_the_wheel_alone(built, tmp_path) -> None:
    [wheel] = built.glob("*.whl")
    packages, elsewhere = tmp_path / "packages", tmp_path / "elsewhere"
    ZipFile(wheel).extractall(packages)
    elsewhere.mkdir()
    code = (
        "import sys, web.cli; "
        f"assert web.cli.__file__.startswith({str(packages)!r}), web.cli.__file__; "
        "sys.argv = ['kb', 'demo', '--no-serve']; web.cli.run()"
    )
    environment = {**os.environ, "PYTHONPATH": str(packages), "KB_SEMANTIC": "false"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=elsewhere, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "55 published" in done.stdout
    assert (elsewhere / "var/demo/kb.sqlite").is_file()
