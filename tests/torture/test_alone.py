"""Where there is no network at all, the library works, and asks for none."""

import sys
from pathlib import Path

import pytest

from tests.torture.alone import Alone, missing

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "examples" / "library").glob("01-*"))
pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture
def alone(tmp_path) -> Alone:
    return Alone(tmp_path)


def test_what_is_asked_of_the_network_is_heard(alone) -> None:
    code = "import socket; socket.create_connection(('198.51.100.1', 80), timeout=5)"
    with pytest.raises(AssertionError, match="Errno"):
        alone.run(sys.executable, "-c", code)
    assert any("198.51.100.1" in line for line in alone.heard())
    assert alone.packets() > 0


@pytest.mark.sqlite("on a computer that reaches no server")
def test_a_library_is_filled_asked_published_and_served_without_a_network(alone, tmp_path) -> None:
    command = (sys.executable, "-m", "tests.torture.journey", tmp_path / "library", *FILES)
    alone.run(*command, PYTHONPATH=str(ROOT))
    assert alone.heard() == []
    assert alone.packets() == 0
