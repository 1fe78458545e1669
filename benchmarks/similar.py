"""How well “similar, elsewhere” finds what tells of the same: python -m benchmarks.similar DATA.

DATA is a library that `kb demo --no-serve` filled. Two of its published stories count as alike
when a careful curator (examples/truth.yaml) gave them a topic and an intervention in common: a
proxy, for nobody judged the pairs. Its gain is the number of topics in common. The confirmed tags
of the samples are nearly the curator's, so of the proxy only what the texts alone find is news.
`--list` prints the first three of each story, to be read by a person.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import Attachment, Record, SourceFile
from kb.settings import Settings
from search.filters import Scope, in_scope
from search.metrics import ndcg, success
from search.similar import Similar, Weights, similar
from web.library import open_library

TRUTH = Path(__file__).parents[1] / "examples" / "truth.yaml"
SHOWN = 5
RUNS = {
    "texts alone": Weights(meaning=1, topics=0, interventions=0),
    "concepts alone": Weights(meaning=0, topics=0.6, interventions=0.4),
    "both": Weights(),
}

Truths: TypeAlias = Mapping[int, Mapping[str, Any]]


def main() -> None:
    """Print the measures, and on demand the lists."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--list", action="store_true", help="print what is found for each story")
    asked = parser.parse_args()
    library = open_library(Settings(data=asked.data))
    with library.reading() as session:
        truths, index = _truths(session), library.index(session)
        for name, weights in RUNS.items():
            lists = {
                record: similar(session, index, record, limit=SHOWN, weights=weights)
                for record in truths
            }
            _measure(name, lists, truths)
        if asked.list:
            for record_id, found in lists.items():
                _print(session, record_id, found, _gains(record_id, truths))


def _measure(name: str, lists: Mapping[int, Sequence[Similar]], truths: Truths) -> None:
    rows = []
    for record_id, found in lists.items():
        gains = _gains(record_id, truths)
        if gains:
            ranking = [str(one.record_id) for one in found]
            rows.append((ndcg(ranking, gains, k=SHOWN), success(ranking, gains, k=3)))
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    print(f"{name:14} nDCG@{SHOWN} {means[0]:.3f}  success@3 {means[1]:.3f}  {len(rows)} stories")


def _truths(session: Session) -> Truths:
    """Return what the curator recorded, by the published record made from the file."""
    truth = yaml.safe_load(TRUTH.read_text(encoding="utf-8"))
    rows = session.execute(
        select(Attachment.record_id, SourceFile.name)
        .join(SourceFile, SourceFile.sha256 == Attachment.sha256)
        .join(Record, Record.id == Attachment.record_id)
        .where(Attachment.original, in_scope(Scope.PUBLIC))
        .order_by(Attachment.record_id)
    )
    return {row.record_id: truth[row.name] for row in rows if row.name in truth}


def _gains(record_id: int, truths: Truths) -> dict[str, float]:
    mine = truths[record_id]
    gains = {}
    for other, theirs in truths.items():
        topics = set(mine["topics"]) & set(theirs["topics"])
        if (
            other != record_id
            and topics
            and set(mine["interventions"]) & set(theirs["interventions"])
        ):
            gains[str(other)] = float(len(topics))
    return gains


def _print(
    session: Session, record_id: int, found: Sequence[Similar], gains: Mapping[str, float]
) -> None:
    record = session.get_one(Record, record_id)
    print(f"\n{record_id} {record.title}")
    for one in found[:3]:
        gain = gains.get(str(one.record_id), 0.0)
        print(f"   {gain:.0f} {one.score:.2f} {one.record_id} {one.title}")


if __name__ == "__main__":
    main()
