import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_library

ROOT = Path(__file__).parents[1]
# A project without dependencies, with its own way to be built: nothing is fetched.
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "shelf"
version = "1"
"""
BACKEND = """
from pathlib import Path
from zipfile import ZipFile

ABOUT = {
    "shelf.pth": f"{Path.cwd()}",
    "shelf-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: shelf\\nVersion: 1\\n",
    "shelf-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "shelf-1.dist-info/RECORD": "",
}

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "shelf-1-py3-none-any.whl"
    with ZipFile(Path(folder, name), "w") as wheel:
        for path, said in ABOUT.items():
            wheel.writestr(path, said)
    return name
"""


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A small project beside a copy of `setup_env.py`, and a set-up that broke off in `.venv`."""
    shutil.copy(ROOT / "setup_env.py", tmp_path)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "backend.py").write_text(BACKEND)
    (tmp_path / "constraints.txt").touch()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to("/nowhere/python3")
    return tmp_path


def test_a_set_up_that_broke_off_is_made_anew_and_then_left_alone(checkout, capfd) -> None:
    set_up = runpy.run_path(str(checkout / "setup_env.py"))["main"]
    set_up("")
    assert "Installing Maktaba" in capfd.readouterr().out
    python = checkout / ".venv/bin/python"
    code = "import backend; print(backend.__file__)"
    found = subprocess.run([python, "-c", code], cwd="/", capture_output=True, text=True)
    assert found.stdout.strip() == str(checkout / "backend.py")  # editable: the checkout's own

    set_up("")
    assert capfd.readouterr().out == ""

    (checkout / "constraints.txt").write_text("# another version")
    set_up("")
    assert "Making" not in (said := capfd.readouterr().out)
    assert "Installing" in said
