"""From reasons to a confidence that is the share that proves right, and how it is checked.

The weights (weights.yaml) are those of a logistic regression over the reasons of ingest.reasons,
made by `python -m benchmarks.tagging --fit`; nothing is trained where the library runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import yaml
from numpy.typing import NDArray

from kb.vocabulary import Scheme

Numbers: TypeAlias = NDArray[np.floating[Any]]

ENOUGH = 3  # decided records at which they and the draft's own words weigh alike
BINS = 10  # of the calibration error, the usual number


@dataclass(frozen=True, slots=True)
class Weights:
    """What each reason counts for, in log-odds; `slope` and `offset` are Platt's correction.

    Source: Platt, Probabilistic outputs for support vector machines (1999): a logistic map, fitted
    on scores of documents that the weights were not fitted on.
    """

    by_reason: Mapping[str, float]
    intercept: float
    slope: float
    offset: float

    def log_odds(self, reasons: Mapping[str, Numbers]) -> Numbers:
        """Return the corrected log-odds of each concept, (n,), from its reasons, (n,) each."""
        names, weights = list(self.by_reason), list(self.by_reason.values())
        total = np.column_stack([reasons[name] for name in names]) @ weights
        odds: Numbers = self.slope * (total + self.intercept) + self.offset
        return odds


@dataclass(frozen=True, slots=True)
class Scale:
    """The weights of one scheme, without and with decided records, and the least to be shown."""

    alone: Weights
    beside_others: Weights
    least: float

    def mixed(self, alone: Numbers, beside_others: Numbers, *, records: int) -> Numbers:
        """Return confidences, (n,), in [0, 1]: the more decided records, the more they count."""
        share = records / (records + ENOUGH)
        return sigmoid((1 - share) * alone + share * beside_others)


class Bin(NamedTuple):
    """Suggestions of about the same confidence: how sure, how many right, of how many."""

    confidence: float
    right: float
    of: int


def scale(scheme: Scheme, *, meaning: bool) -> Scale:
    """Return what was fitted for a scheme, with or without an encoder."""
    return _scales()[scheme, "meaning" if meaning else "words"]


def sigmoid(log_odds: Numbers) -> Numbers:
    """Return probabilities of log-odds.

    >>> float(sigmoid(np.array([0.0]))[0])
    0.5
    """
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Return ten bins of equal width, those without a suggestion left out."""
    sure, hits = np.asarray(confidences, float), np.asarray(right, float)
    at = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        Bin(float(sure[at == n].mean()), float(hits[at == n].mean()), int((at == n).sum()))
        for n in range(BINS)
        if (at == n).any()
    ]


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Return the expected calibration error: how far confidence is from the share that is right.

    Source: Naeini, Cooper, Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning (2015), with ten bins of equal width. Without suggestions it is 0.

    >>> calibration_error([0.75, 0.75, 0.75, 0.75], [True, True, True, False])
    0.0
    """
    bins = reliability(confidences, right)
    return sum(abs(b.confidence - b.right) * b.of for b in bins) / max(len(confidences), 1)


@cache
def _scales() -> dict[tuple[str, str], Scale]:
    text = Path(__file__).with_name("weights.yaml").read_text(encoding="utf-8")
    read = yaml.safe_load(text)
    return {
        (scheme, with_what): Scale(
            Weights(**said["alone"]), Weights(**said["beside_others"]), said["least"]
        )
        for scheme, by_encoder in read.items()
        for with_what, said in by_encoder.items()
    }
