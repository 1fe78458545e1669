"""How well drafts agree with what a careful curator records of examples/library.

    python -m benchmarks.drafts [--words-only] [--files]

Reads every file of examples/library through the readers, proposes a draft, and compares it field
by field with examples/truth.yaml. The story card has a benchmark of its own (`benchmarks.card`),
and so have the tags (`benchmarks.tagging`), whose weights were fitted on these files and must be
held out. `--files` prints what differs, file by file.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ingest.draft import Proposer
from ingest.sandbox import Reader
from kb import taxonomy
from kb.content import Measure, Point, Record
from kb.labels import Labels
from kb.settings import Settings
from kb.vocabulary import Level, Verdict
from search.encoder import find_encoder

EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass
class Tally:
    """What agreed, of how many."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def compare(self, name: str, what: str, *, got: Any, wanted: Any) -> None:
        """Count one field of one file."""
        self.asked[what] += 1
        self.right[what] += got == wanted
        if got != wanted:
            self.wrong.append(f"{name}: {what}: {got!r}, the curator {wanted!r}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words-only", action="store_true", help="without the encoder")
    parser.add_argument("--files", action="store_true", help="print what differs")
    asked = parser.parse_args()
    terms = taxonomy.load(taxonomy.shipped())
    encoder = None if asked.words_only else find_encoder(Settings())
    propose = Proposer(terms, Labels.of(terms), encoder.encode if encoder else None)
    tally = Tally()
    with Reader() as reader:
        for name, truth in _truths():
            document = reader.read(EXAMPLES / "library" / name)
            start = time.perf_counter()
            record = propose(document).record
            tally.seconds.append(time.perf_counter() - start)
            _fields(tally, name, record, truth)
            _measures(tally, name, record.measures, truth["measures"])
    _print(tally)
    if asked.files:
        print("\n".join(["", *tally.wrong]))


def _truths() -> Iterator[tuple[str, dict[str, Any]]]:
    text = (EXAMPLES / "truth.yaml").read_text(encoding="utf-8")
    for name, truth in yaml.safe_load(text).items():
        if truth["layout"] != "scan":
            yield name, truth


def _fields(tally: Tally, name: str, record: Record, truth: dict[str, Any]) -> None:
    place = record.places[0] if record.places else None
    fields = {
        "title": (record.title, truth["title"]),
        "language": (record.language, truth["language"]),
        "record type": (record.record_type.value, truth["record_type"]),
        "level": (record.level.value, truth["level"]),
        "country": (place.country if place else "", truth["country"] or ""),
        "district": (_bare(place.admin2 if place else ""), _bare(truth["admin2"])),
        "start": (_month(record.start_date), truth["start"]),
        "end": (_month(record.end_date), truth["end"]),
    }
    if truth["level"] == Level.FACILITY:
        fields["facility"] = (place.facility if place else "", truth["facility"] or "")
    for what, (got, wanted) in fields.items():
        tally.compare(name, what, got=got, wanted=wanted)
    said = [record.verdict, *(idea.verdict for idea in record.change_ideas)]
    tally.compare(name, "never said to have worked", got=Verdict.WORKED in said, wanted=False)
    close = abs(len(record.change_ideas) - len(truth["change_ideas"])) <= 1
    tally.compare(name, "change ideas, number within one", got=close, wanted=True)


def _bare(name: str | None) -> str:
    """A district without the word for it."""
    return (name or "").removesuffix(" Zone").removesuffix(" District").strip()


def _month(day: Any) -> str | None:
    return f"{day:%Y-%m}" if day else None


def _measures(
    tally: Tally, name: str, found: tuple[Measure, ...], wanted: list[dict[str, Any]]
) -> None:
    left = list(found)
    for truth in wanted:
        match = next((one for one in left if _same_ends(one, truth)), None)
        tally.compare(name, "measures, with first and last point", got=bool(match), wanted=True)
        if match:
            left.remove(match)
    tally.compare(name, "no measure too many", got=[one.name for one in left], wanted=[])


def _same_ends(measure: Measure, truth: dict[str, Any]) -> bool:
    ends = ((measure.points[0], truth["first"]), (measure.points[-1], truth["last"]))
    return all(_same(point, wanted) for point, wanted in ends)


def _same(point: Point, wanted: dict[str, Any]) -> bool:
    day = f"{point.period:%Y-%m-%d}"
    if "value" in wanted or wanted["denominator"] is None:
        number = wanted.get("value", wanted.get("numerator"))
        return day.startswith(str(wanted["period"])[:7]) and point.value == number
    counts = (point.numerator, point.denominator) == (wanted["numerator"], wanted["denominator"])
    return day.startswith(str(wanted["period"])) and counts


def _print(tally: Tally) -> None:
    for what, asked in tally.asked.items():
        print(f"{what:40} {tally.right[what]:3} of {asked:3}  {tally.right[what] / asked:.2f}")
    usual = sorted(tally.seconds)[len(tally.seconds) // 2]
    print(f"\nseconds for a draft: {usual:.2f} usual, {max(tally.seconds):.2f} longest")


if __name__ == "__main__":
    main()
