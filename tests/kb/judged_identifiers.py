"""The judged set of identifiers: texts with what must be found marked, and how it is counted.

A planted identifier counts as found when something found, of whatever kind, takes in at least
half of its characters. Something found is right when it overlaps a planted identifier; where one
text plants the same words twice, each place counts. Kind by kind, recall is counted by the kind
planted, precision by the kind found.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import yaml

from kb.identifiers import Identifier, find

FOLDER = Path(__file__).parent / "identifiers"
MARK = re.compile(r"\[\[([a-z-]+)\|([^\]]+)\]\]")
HALF = 0.5


class Planted(NamedTuple):
    """What must be found."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Judged:
    """A text without its marks, and what stood between them."""

    name: str
    language: str
    text: str
    planted: tuple[Planted, ...]
    held_out: bool


@dataclass
class Counted:
    """What was found, missed and said wrongly, by kind and by language."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def recall(self, key: str = "all") -> float:
        """Return the share of what was planted that was found."""
        return self.found[key] / self.planted[key] if self.planted[key] else 1.0

    def precision(self, key: str = "all") -> float:
        """Return the share of what was said that is right."""
        return self.right[key] / self.said[key] if self.said[key] else 1.0


def judged_set() -> list[Judged]:
    """Return all judged texts."""
    return [
        judged(entry, held_out=path.stem.startswith("held_out"))
        for path in sorted(FOLDER.glob("*.yaml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def judged(entry: dict[str, str], *, held_out: bool) -> Judged:
    """Return an entry of a file with its marks taken out."""
    parts: list[str] = []
    planted: list[Planted] = []
    at = past = 0
    for mark in MARK.finditer(entry["text"]):
        before, kind, words = entry["text"][past : mark.start()], mark.group(1), mark.group(2)
        at += len(before)
        planted.append(Planted(kind, at, at + len(words)))
        at += len(words)
        parts += [before, words]
        past = mark.end()
    text = "".join([*parts, entry["text"][past:]])
    return Judged(entry["name"], entry["language"], text, tuple(planted), held_out)


def count(texts: Iterable[Judged], finder: Callable[..., Sequence[Identifier]] = find) -> Counted:
    """Return how well the finder does on the texts."""
    counted = Counted()
    for one in texts:
        found = finder(one.text, language=one.language)
        for planted in one.planted:
            keys = ("all", planted.kind, one.language)
            counted.planted.update(keys)
            if any(_takes_in(f, planted) for f in found):
                counted.found.update(keys)
            else:
                words = one.text[planted.start : planted.end]
                counted.missed.append((one.name, planted.kind, words))
        for f in found:
            keys = ("all", str(f.kind), one.language)
            counted.said.update(keys)
            if any(f.start < p.end and p.start < f.end for p in one.planted):
                counted.right.update(keys)
            else:
                counted.wrong.append((one.name, str(f.kind), f.text))
    return counted


def _takes_in(found: Identifier, planted: Planted) -> bool:
    shared = min(found.end, planted.end) - max(found.start, planted.start)
    return shared >= HALF * (planted.end - planted.start)
