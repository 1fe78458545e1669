"""What the search is expected to reach on judged sets; a change that moves it is made on purpose.

The file has, for each judged set by its name, the digest of the set and, for the search with
all its parts and for words alone, the measures of all its questions and of each kind and
language: `ndcg@10: 0.6383 ± 0.0050`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

from search.evaluate import Evaluation, Scores

ALL = "all questions"
WATCHED = ("ndcg@10", "success@5")
# Processors round differently, and ties fall another way.
LEAST = 0.005
MOST_OF_A_QUESTION = 0.3  # nDCG@10 of one question that another processor may change
ONE_QUESTION = 1.5  # questions that may find their answer, or lose it

Groups: TypeAlias = dict[str, dict[str, str]]  # group → measure → value and tolerance


@dataclass(frozen=True, slots=True)
class Expected:
    """A value, and how far another machine may be from it."""

    value: float
    tolerance: float

    @classmethod
    def read(cls, said: str) -> "Expected":
        """Read what `str` writes.

        >>> Expected.read("0.6383 ± 0.0050")
        Expected(value=0.6383, tolerance=0.005)
        """
        value, tolerance = said.split("±")
        return cls(float(value), float(tolerance))

    def __str__(self) -> str:
        return f"{self.value:.4f} ± {self.tolerance:.4f}"

    def holds(self, value: float) -> bool:
        """Return whether `value` is within the tolerance, to the four digits that are written."""
        return abs(round(value, 4) - self.value) <= self.tolerance + 5e-5


def reached(found: Evaluation) -> Groups:
    """Return what an evaluation reached, as the file says it.

    The tolerance is that of one question which finds its answer or loses it, or of one that
    finds it some ranks off; among a thousand, half a point.
    """
    means = Scores(found.ndcg, found.recall, found.mrr, found.success)
    groups: Groups = {ALL: _said(found.queries, means)}
    for name in found.fields:
        for value, (questions, scores) in sorted(found.by(name).items()):
            groups[f"{name} {value}"] = _said(questions, scores)
    return groups


def moved(expected: Mapping[str, Mapping[str, str]], found: Evaluation) -> list[str]:
    """Return a sentence for each measure that left its tolerance, in either direction."""
    now = reached(found)
    sentences = [f"{group}: the set has no such questions" for group in expected.keys() - now]
    sentences += [f"{group}: nothing is expected of it yet" for group in now.keys() - expected]
    for group in expected.keys() & now.keys():
        for measure, said in expected[group].items():
            value = Expected.read(now[group][measure]).value
            wanted = Expected.read(said)
            if not wanted.holds(value):
                way = "better" if value > wanted.value else "worse"
                sentences.append(f"{group}: {measure} is {value:.4f}, {way} than {wanted}")
    return sorted(sentences)


def read(path: Path) -> dict[str, dict[str, object]]:
    """Return what is expected, by the names of the sets."""
    said: dict[str, dict[str, object]] = yaml.safe_load(path.read_text("utf-8"))
    return said


def _said(questions: int, scores: Scores) -> dict[str, str]:
    tolerances = {
        "ndcg@10": max(LEAST, MOST_OF_A_QUESTION / questions),
        "success@5": max(LEAST, ONE_QUESTION / questions),
    }
    measures = scores.as_dict()
    return {name: str(Expected(measures[name], tolerances[name])) for name in WATCHED}
