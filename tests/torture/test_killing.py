import pytest

from tests.torture.killing import torture


@pytest.mark.sqlite("a number that a killed run took is given again; test_workers has both")
def test_an_ingest_that_is_killed_again_and_again_ends_as_a_quiet_one(tmp_path) -> None:
    """A small one; benchmarks/killing.py kills a thousand files fifty times."""
    done = torture(tmp_path, files=60, kills=6, seed=2026)
    assert done.kills > 1
    assert done.differences == ()
    assert done.left_over == ()
