import tracemalloc

from kb.folding import fold


def test_what_is_too_long_to_be_a_word_fills_no_memory() -> None:
    tracemalloc.start()
    try:
        for number in range(500):
            fold("x" * 20_000 + str(number))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000  # bytes; kept, they are ten million


def test_a_long_word_is_folded_as_a_short_one() -> None:
    assert fold("Hémorragie" * 20) == fold("hemorragie" * 20)
