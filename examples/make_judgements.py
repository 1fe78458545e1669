"""Make the corpus of the judged questions: examples/sources → examples/judgements/corpus.jsonl.

`python examples/make_judgements.py` writes it; with `--check` it only says whether the corpus
that is there is what the sources give. Questions and grades are written by hand, beside it.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from make_library import Source, read
from writers.blocks import Block, Item, Table, blocks, plain

HERE = Path(__file__).parent
SOURCES = HERE / "sources"
CORPUS = HERE / "judgements" / "corpus.jsonl"


def text(source: Source) -> str:
    """Return what a reader of the file gets to see, as plain text; "" for a scan, a mere picture.

    Raises:
        ValueError: the source uses Markdown that has no plain form; the message names it.
    """
    if source.layout == "scan":
        return ""
    if source.format == "txt":
        return source.body
    try:
        found = blocks(source.body)
    except ValueError as error:
        raise ValueError(f"{source.path.name}: {error}") from error
    return "\n".join(line for block in found for line in _lines(block)) + "\n"


def document(source: Source) -> dict[str, str]:
    """Return the source as a document of the corpus; its id is its name in the library."""
    seen = text(source)
    title = str(source.truth["title"]) if seen else ""
    return {"_id": source.file, "title": title, "text": seen}


def corpus(sources: Sequence[Source]) -> str:
    """Return the corpus, one document a line, ordered by id."""
    ordered = sorted(sources, key=lambda source: source.file)
    return "".join(json.dumps(document(each), ensure_ascii=False) + "\n" for each in ordered)


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        for row in block.rows:
            yield "\t".join(plain(cell) for cell in row)
    elif isinstance(block, Item):
        yield f"{'-' if block.number is None else f'{block.number}.'} {plain(block.spans)}"
    else:
        yield plain(block.spans)


def main(argv: Sequence[str] | None = None) -> int:
    """Write or check the corpus; return 1 when a source is wrong or the corpus is out of date."""
    parser = argparse.ArgumentParser(description="Make the corpus of the judged questions.")
    parser.add_argument("--check", action="store_true", help="only say whether it is out of date")
    check = parser.parse_args(argv).check
    try:
        made = corpus([read(path) for path in sorted(SOURCES.glob("*.md"))])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if not check:
        CORPUS.write_text(made, encoding="utf-8")
    current = CORPUS.exists() and CORPUS.read_text(encoding="utf-8") == made
    print(f"{CORPUS.name} is {'what the sources give' if current else 'out of date'}.")
    return int(not current)


if __name__ == "__main__":
    sys.exit(main())
