"""How fast files become drafts, and how much of that is ours: every figure beside a bare one.

python -m benchmarks.ingest [FOLDER] [--times 3]      (examples/library if left out)

Reading, by format, beside the bare library that reads the same files in this process, without
sandbox, hidden text or judgement. Then where the time goes (processor seconds of the parent, those
of the readers by their clock), encoding beside a bare SentenceTransformer, and a whole ingest with
its index: seconds, and how many cores it used. Ratios are medians of rounds, each of which
measures both sides.
"""

import argparse
import io
import resource
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TypeVar

import mammoth
import openpyxl
import pypdfium2
from bs4 import BeautifulSoup
from odf import opendocument, teletype
from odf.text import P
from pptx import Presentation

from ingest.document import Document, Format
from ingest.draft import Proposer
from ingest.duplicates import signature
from ingest.pipeline import files_in
from ingest.sandbox import Reader, Spent
from kb import identifiers, taxonomy
from kb.errors import KBError
from kb.labels import Labels
from kb.settings import Settings
from search.encoder import Encoder, find_encoder, load
from search.passages import split
from web import filling
from web.library import open_library

T = TypeVar("T")

PASSAGES = 96  # that are encoded by both, of all lengths


def pdf(path: Path) -> str:
    """Return the text of all pages."""
    with pypdfium2.PdfDocument(path) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


def slides(path: Path) -> str:
    """Return the text of all shapes."""
    shapes = (shape for slide in Presentation(str(path)).slides for shape in slide.shapes)
    return "\n".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)


def sheet(path: Path) -> str:
    """Return all values."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return str([row for one in book for row in one.values])


def odt(path: Path) -> str:
    """Return the text of all paragraphs."""
    text = opendocument.load(str(path)).text
    return "\n".join(teletype.extractText(one) for one in text.getElementsByType(P))


BARE: dict[Format, Callable[[Path], object]] = {
    Format.DOCX: lambda path: mammoth.convert_to_html(io.BytesIO(path.read_bytes())),
    Format.PDF: pdf,
    Format.PPTX: slides,
    Format.XLSX: sheet,
    Format.ODT: odt,
    Format.HTML: lambda path: BeautifulSoup(path.read_bytes(), "lxml").get_text(),
    Format.MARKDOWN: lambda path: path.read_text(errors="replace"),
    Format.TEXT: lambda path: path.read_text(errors="replace"),
}


def main() -> None:
    """Print the four tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path("examples/library"))
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    documents = reading(files_in([asked.folder]), asked.times)
    encoder = find_encoder(Settings())
    shares(documents, encoder)
    if encoder:
        encoding(documents, encoder, asked.times)
    whole(asked.folder, asked.times)


def reading(files: Sequence[Path], times: int) -> list[Document]:
    """Print documents a second and peak memory by format; return the documents."""
    spent: dict[Path, Spent] = {}
    kept: dict[Path, Document] = {}
    ours: dict[Path, list[float]] = defaultdict(list)
    ratios: dict[Path, list[float]] = defaultdict(list)
    with Reader(note=spent.__setitem__) as reader:
        for path in files:
            for round_ in range(times + 1):
                try:
                    taken, document = timed(partial(reader.read, path))
                except KBError as error:
                    print(f"left out: {error}")
                    break
                kept[path] = document
                bare = BARE.get(document.format)
                alone = timed(partial(bare, path))[0] if bare else 0.0
                if round_:  # what is loaded once is not the first file's cost
                    ours[path].append(taken)
                    ratios[path] += [taken / alone] if alone else []
    print("format     files  docs/s   MB peak   times the bare library (medians)")
    for form in sorted({document.format for document in kept.values()}):
        paths = [path for path, document in kept.items() if document.format is form]
        seconds = median(median(ours[path]) for path in paths)
        peak = max(spent[path].peak_bytes for path in paths) / 2**20
        each = [median(ratios[path]) for path in paths if ratios[path]]
        ratio = f"{median(each):6.1f}" if each else "     –"
        print(f"{form:10} {len(paths):5} {1 / seconds:7.1f} {peak:9.0f}   {ratio}", flush=True)
    total = sum(spent[path].seconds for path in kept)
    print(f"all: {total:.1f} s in one reader after another\n", flush=True)
    return list(kept.values())


def shares(documents: Sequence[Document], encoder: Encoder | None) -> None:
    """Print where the processor's time goes after reading."""
    terms = taxonomy.load(taxonomy.shipped())
    labels = Labels.of(terms)
    by_words = Proposer(terms, labels)
    by_meaning = Proposer(terms, labels, encoder.encode) if encoder else by_words
    by_words(documents[0]), by_meaning(documents[0])  # loads what is loaded once
    steps: dict[str, Callable[[Document], object]] = {
        "propose, by words": by_words,
        "propose, with meaning": by_meaning,
        "findings": lambda one: list(identifiers.find(one.markdown)),
        "signature": lambda one: signature(one.markdown),
    }
    print(f"{'step':22}  processor seconds of {len(documents)} documents")
    for name, step in steps.items():
        began = process_time()
        for document in documents:
            step(document)
        print(f"{name:22}  {process_time() - began:6.2f}", flush=True)
    print()


def encoding(documents: Sequence[Document], encoder: Encoder, times: int) -> None:
    """Print our throughput as a share of that of the bare model with its own batches."""
    model = load(encoder.weights.folder)
    cut = [passage.text for one in documents for passage in split(one.markdown)]
    texts = cut[:: max(1, len(cut) // PASSAGES)][:PASSAGES]
    sides = {
        "bare": lambda: model.encode(texts, show_progress_bar=False),
        "ours": lambda: encoder.encode(texts),
    }
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for round_ in range(times + 1):
        for name, side in sides.items():
            began = process_time()
            seconds, _ = timed(side)
            if round_:
                took[name].append((seconds, process_time() - began))
    print(f"encoding {len(texts)} passages     texts/s   by the clock   by the processor's time")
    for name, rounds in took.items():
        rate = len(texts) / median(seconds for seconds, _ in rounds)
        clock = median(b[0] / o[0] for b, o in zip(took["bare"], rounds, strict=True))
        busy = median(b[1] / o[1] for b, o in zip(took["bare"], rounds, strict=True))
        print(f"{name:22} {rate:11.1f} {clock:14.2f} {busy:14.2f}", flush=True)
    print()


def whole(folder: Path, times: int) -> None:
    """Print seconds and cores of an ingest of the folder with its index, in a new library."""
    rounds = [once(folder) for _ in range(times)]
    read, indexed, used, cores = (median(column) for column in zip(*rounds, strict=True))
    print(f"medians: read and judged {read:.1f} s, indexed {indexed:.1f} s, processor {used:.1f} s")
    print(f"cores used: {cores:.2f}")


def once(folder: Path) -> tuple[float, float, float, float]:
    """Return seconds of reading, of indexing and of the processor, and how many cores that is."""
    with tempfile.TemporaryDirectory() as home:
        library = open_library(Settings(data=Path(home)))
        exported = Settings().models.absolute()  # what a library makes once is not measured
        exported.mkdir(parents=True, exist_ok=True)
        library.settings.models.symlink_to(exported)
        began = busy()
        read, report = timed(lambda: filling.ingest(library, [folder], step=lambda *_: None))
        indexed, _ = timed(lambda: filling.index(library, step=lambda *_: None))
        used = busy() - began
        library.engine.dispose()
    print(f"{len(report.added)} added; read {read:.1f} s, indexed {indexed:.1f} s", flush=True)
    return read, indexed, used, used / (read + indexed)


def busy() -> float:
    """Return processor seconds of this process and of all readers that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of some work by the clock, and what it returned."""
    start = perf_counter()
    done = work()
    return perf_counter() - start, done


if __name__ == "__main__":
    main()
