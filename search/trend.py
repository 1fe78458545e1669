"""Every evaluation is remembered, and seen beside the one before it by another version."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kb import folding, label_trie, labels, markup, spelling
from kb.db import utcnow
from kb.errors import InvalidError
from kb.taxonomy import Taxonomy
from search.encoder import Encoder
from search.evaluate import MEASURES, Evaluation
from search.fusion import Weights
from search.metrics import chance
from search.query import WEIGHTS

HISTORY = "history.jsonl"
LETTERS = 12  # hex digits of a digest that are kept


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation: of which set, by what, and how well each question was answered."""

    at: str  # ISO 8601, UTC
    name: str  # of the folder of the set
    digest: str  # of the set
    made_with: Mapping[str, Any]  # version, code, encoder, taxonomy, weights
    measures: Mapping[str, float]
    groups: Mapping[str, Mapping[str, Mapping[str, float]]]  # by field and value
    ndcg: Mapping[str, float]  # of each question

    def same_system(self, other: "Run") -> bool:
        """Return whether both runs were made by the same code, models and weights."""
        return self.made_with == other.made_with


@dataclass(frozen=True, slots=True)
class Compared:
    """A run beside an earlier one of the same set."""

    earlier: Run
    differences: Mapping[str, float]  # of the measures, this run less the earlier
    better: int  # questions whose nDCG@10 grew
    worse: int
    chance: float  # how often chance makes such a difference of nDCG@10


def run_of(
    folder: Path,
    found: Evaluation,
    *,
    encoder: Encoder | None,
    taxonomy: Taxonomy | None,
    weights: Weights = WEIGHTS,
) -> Run:
    """Return what is to be remembered of an evaluation."""
    return Run(
        at=utcnow().isoformat(timespec="seconds"),
        name=folder.resolve().name,
        digest=found.digest,
        made_with={
            "version": _version(),
            "code": code_digest(),
            "encoder": encoder.digest[:LETTERS] if encoder else "",
            "taxonomy": _digest(repr(taxonomy).encode()) if taxonomy else "",
            "weights": asdict(weights),
        },
        measures=_rounded(found.as_dict()),
        groups={name: groups(found, name) for name in found.fields},
        ndcg={i: round(scores.ndcg, 4) for i, scores in found.scores.items()},
    )


def groups(found: Evaluation, name: str) -> dict[str, dict[str, float]]:
    """Return the measures by the values of a field, each with its number of questions."""
    return {
        value: {"questions": number, **_rounded(means.as_dict())}
        for value, (number, means) in found.by(name).items()
    }


def remember(folder: Path, run: Run) -> None:
    """Add a run to the history in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")


def history(folder: Path) -> list[Run]:
    """Return the runs that were remembered in `folder`, the oldest first.

    Raises:
        InvalidError: a line of the history cannot be read.
    """
    path = folder / HISTORY
    if not path.exists():
        return []
    runs = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            runs.append(Run(**json.loads(line)))
        except (ValueError, TypeError) as broken:
            raise InvalidError(
                f"Line {number} of {path} cannot be read.", hint="Remove that line."
            ) from broken
    return runs


def before(folder: Path, run: Run) -> Run | None:
    """Return the last run of the same set by another version, if there is one."""
    for earlier in reversed(history(folder)):
        if earlier.digest == run.digest and not earlier.same_system(run):
            return earlier
    return None


def compare(run: Run, earlier: Run) -> Compared:
    """Return what changed from an earlier run of the same set to this one."""
    pairs = [(now, earlier.ndcg[i]) for i, now in run.ndcg.items() if i in earlier.ndcg]
    return Compared(
        earlier=earlier,
        differences={m: run.measures[m] - earlier.measures[m] for m in MEASURES},
        better=sum(now > then for now, then in pairs),
        worse=sum(now < then for now, then in pairs),
        chance=chance(*zip(*pairs, strict=True)) if pairs else 1.0,
    )


def code_digest() -> str:
    """Return what tells this code of the search from any other, and from itself when edited."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    sources += [Path(str(m.__file__)) for m in (folding, label_trie, labels, markup, spelling)]
    return _digest(b"\0".join(path.read_bytes() for path in sources))


def _digest(said: bytes) -> str:
    return sha256(said).hexdigest()[:LETTERS]


def _rounded(measures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in measures.items()}


def _version() -> str:
    try:
        return version("maktaba")
    except PackageNotFoundError:  # run from its sources, not installed
        return ""
