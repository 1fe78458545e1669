"""Seconds from bytes to draft, by format: a file read, judged by words, judged by meaning.

python -m benchmarks.ingest [FOLDER]      (examples/library if left out)
"""

import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from ingest.document import Document, Format
from ingest.draft import Proposer
from ingest.pipeline import files_in
from ingest.sandbox import Reader
from kb.errors import KBError
from kb.labels import Labels
from kb.settings import Settings
from kb.taxonomy import load, shipped
from search.encoder import find_encoder


def main(folder: Path) -> None:
    """Print one row for each format: how many files, and the median seconds of each step."""
    terms = load(shipped())
    labels = Labels.of(terms)
    encoder = find_encoder(Settings())
    by_words = Proposer(terms, labels)
    by_meaning = Proposer(terms, labels, encoder.encode) if encoder else None
    taken: dict[Format, list[tuple[float, ...]]] = defaultdict(list)
    with Reader() as reader:
        warm = next(path for path in files_in([folder]) if path.suffix == ".md")
        for proposer in filter(None, (by_words, by_meaning)):
            proposer(reader.read(warm))  # what is loaded once is not the first file's cost
        for path in files_in([folder]):
            start = perf_counter()
            try:
                document = reader.read(path)
            except KBError as error:
                print(f"left out: {error}")
                continue
            read = perf_counter() - start
            judged = [cpu(one, document) for one in (by_words, by_meaning) if one]
            taken[document.format].append((read, *judged))
    print(f"{'format':10} {'files':>5} {'read':>7} {'words':>7} {'meaning':>7}   median seconds")
    for form, rows in sorted(taken.items()):
        columns = " ".join(f"{median(column):7.2f}" for column in zip(*rows, strict=True))
        print(f"{form:10} {len(rows):5} {columns}")


def cpu(proposer: Proposer, document: Document) -> float:
    """Return the processor seconds of one judgement."""
    start = process_time()
    proposer(document)
    return process_time() - start


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "examples/library"))
