"""Tables in five languages against the measures that a careful reader takes from them."""

from pathlib import Path

import pytest
import yaml

from ingest.tables import measures_of
from kb.content import Measure, Point, Section

JUDGED = Path(__file__).parent / "tables"
CASES = [
    case
    for path in sorted(JUDGED.glob("*.yaml"))
    for case in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
]


def _written(point: Point) -> str:
    counted = (point.numerator, point.denominator)
    parts = [
        f"{point.period}",
        "/".join("?" if n is None else f"{n:g}" for n in counted)
        if any(n is not None for n in counted)
        else "",
        "" if point.value is None else f"={point.value:g}",
    ]
    if not any(parts[1:]):
        parts.append("-")
    parts += ["p" if point.provisional else "", f"({point.note})" if point.note else ""]
    return " ".join(filter(None, parts))


def _told(measure: Measure) -> dict[str, object]:
    return {
        "name": measure.name,
        "unit": str(measure.unit),
        "cadence": str(measure.cadence),
        "direction": str(measure.direction),
        "target": "None" if measure.target is None else f"{measure.target:g}",
        "points": [_written(point) for point in measure.points],
    }


def _wanted(measure: dict[str, object]) -> dict[str, object]:
    usual = {"unit": "percent", "cadence": "month", "direction": "None", "target": "None"}
    points = [str(point).replace('"', "") for point in measure["points"]]
    return usual | measure | {"points": points}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_table_gives_the_measures_that_a_careful_reader_takes_from_it(case):
    section = Section(heading=case.get("heading", "Results"), body=case["text"])
    year = int(case["year"]) if "year" in case else None
    found = measures_of([section], year=year)
    wanted = [_wanted(measure) for measure in case.get("measures", [])]
    assert [_told(measure) for measure in found.measures] == wanted
    expected = case.get("doubts", [])
    assert len(found.doubts) == len(expected), found.doubts
    for doubt, words in zip(found.doubts, expected, strict=True):
        assert all(word in doubt for word in words), doubt


def test_the_judged_tables_are_in_five_languages():
    languages = {case["id"].partition("-")[0] for case in CASES}
    assert languages == {"en", "fr", "es", "pt", "sw"}
    assert len({case["id"] for case in CASES}) == len(CASES) >= 60
