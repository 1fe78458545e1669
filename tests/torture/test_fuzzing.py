"""A short run of what `python -m benchmarks.fuzzing` does a million times."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.torture.fuzzing import TARGETS, changed


@pytest.mark.parametrize("name", TARGETS)
def test_what_strangers_send_is_read_or_refused_with_a_reason(name) -> None:
    target = TARGETS[name]
    for seed in target.seeds:
        target.run(seed)  # good input is read

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(st.binary(max_size=200), st.integers(0, 2**32))
    def fuzz(data, number) -> None:
        target(data)
        target(changed(target.seeds, random.Random(number)))

    fuzz()
