"""Make the sample library out of its sources: examples/sources → examples/library, truth.yaml.

`python examples/make_library.py` makes every file again; with `--check` it only says whether the
files that are there are what the sources give. Needs the extra `examples`.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from writers import archive, opendocument, page, printed, scan, sheets, slides, word
from writers.blocks import blocks

HERE = Path(__file__).parent
FENCE = "---\n"
ABOUT_TRUTH = """\
# What a careful curator would record of each file of examples/library.
# Made by `python examples/make_library.py` from examples/sources: change it there, not here.
#
# format         the true format of the bytes, which the suffix of the name need not be
# layout         headings | bold (bold lines as headings) | plain (none) | scan (no text layer)
# record_type, level, facility_type, verdict    ids of the facets in taxonomy.yaml
# country        ISO 3166-1 alpha-3; admin1 region, admin2 district
# facility       as the document names it
# start, end     first and last month of the work, YYYY-MM
# topics, interventions    ids of taxonomy.yaml, the main one first
# change_ideas   what was tried, with the team's decision and verdict
# measures       one for each series; points counts its periods, first and last are its ends
# card           the fields of the story card, in the document's own words
#   problem, results, did_not_work, community    short quotes, any of which a passage must hold
#   baseline     value in percent, numerator, denominator, period
#   aim          what, for_whom, start, target, by_when
#   team         roles (never names), lead, size
#   logistics    when, where, who, how_long, materials, everyone_included: any one of the quotes
#   cost         a quote; amount and currency (ISO 4217) where the document says what it cost in all
#   support_received, support_needed    one quote for each
#   ideas        for each of change_ideas, in the same order: a quote from where it is told, when it
#                started and ended (YYYY-MM or YYYY-MM-DD), who did it
# identifiers    invented names and numbers of people that must be found before publishing
# near_duplicate_of    the file this one repeats with few changes
# null, or a field of the card that is left out, means that the document does not say.
"""


@dataclass(frozen=True)
class Source:
    """One document: the file it becomes, what a curator would record of it, and its text."""

    path: Path
    file: str
    format: str
    layout: str
    truth: dict[str, Any]
    body: str

    @property
    def language(self) -> str:
        """The language of the text, BCP 47."""
        return str(self.truth["language"])


WRITERS: dict[str, Callable[[Source], bytes]] = {
    "docx": lambda source: word.write(blocks(source.body)),
    "html": lambda source: page.write(source.body, blocks(source.body), source.language),
    "md": lambda source: source.body.encode(),
    "odt": lambda source: opendocument.write(blocks(source.body)),
    "pdf": lambda source: printed.write(blocks(source.body), source.language),
    "pptx": lambda source: slides.write(blocks(source.body)),
    "scan": lambda source: scan.write(blocks(source.body)),
    "txt": lambda source: source.body.encode(),
    "xlsx": lambda source: sheets.write(blocks(source.body)),
}


def read(path: Path) -> Source:
    """Return the source at `path`: YAML between two lines of three dashes, then the text."""
    _, front, body = path.read_text(encoding="utf-8").split(FENCE, 2)
    fields = yaml.safe_load(front)
    return Source(path=path, body=body.lstrip("\n"), **fields)


def made(source: Source) -> bytes:
    """Return the bytes of the file that the source becomes.

    Raises:
        ValueError: the text cannot be written in this format; the message names the source.
    """
    try:
        return WRITERS["scan" if source.layout == "scan" else source.format](source)
    except ValueError as error:
        raise ValueError(f"{source.path.name}: {error}") from error


def truth(sources: Sequence[Source]) -> str:
    """Return truth.yaml: for each file, by name, what a curator would record."""
    entries = {
        source.file: {"format": source.format, "layout": source.layout, **source.truth}
        for source in sorted(sources, key=lambda source: source.file)
    }
    return ABOUT_TRUTH + yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=100)


def library(root: Path) -> dict[Path, bytes]:
    """Return every file the sources below `root` give, by path."""
    sources = [read(path) for path in sorted((root / "sources").glob("*.md"))]
    files = {root / "library" / source.file: made(source) for source in sources}
    return files | {root / "truth.yaml": truth(sources).encode()}


def write(files: Mapping[Path, bytes], root: Path) -> None:
    """Write the files that are not current, remove from the library what no source gives."""
    (root / "library").mkdir(exist_ok=True)
    for path in _kept(root) - set(files):
        path.unlink()
    for path, content in files.items():
        if not _current(path, content):
            path.write_bytes(content)


def stale(files: Mapping[Path, bytes], root: Path) -> list[str]:
    """Return a sentence for each file below `root` that is not what the sources give."""
    told = [f"{path.name} comes from no source." for path in _kept(root) - set(files)]
    told += [
        f"{path.name} is {'not what its source gives' if path.exists() else 'missing'}."
        for path, content in files.items()
        if not _current(path, content)
    ]
    return sorted(told)


def _kept(root: Path) -> set[Path]:
    return set((root / "library").glob("*"))


def _current(path: Path, content: bytes) -> bool:
    return path.exists() and archive.same(path.read_bytes(), content)


def main(argv: Sequence[str] | None = None) -> int:
    """Make or check the library; return 1 when a source is wrong or the check finds something."""
    parser = argparse.ArgumentParser(description="Make the sample library out of its sources.")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    check = parser.parse_args(argv).check
    try:
        files = library(HERE)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if not check:
        write(files, HERE)
    told = stale(files, HERE)
    print("\n".join(told) or f"All {len(files)} files are what the sources give.")
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main())
