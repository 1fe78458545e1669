"""Tables to measures: arithmetic before headers, gaps as gaps, contradictions as doubts."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ingest.grids import grids
from ingest.tables import has_series, measures_of
from kb.content import Section
from kb.vocabulary import Cadence, Direction, MeasureType, SectionRole, Unit


def _found(body, *more, heading="Results"):
    sections = [
        Section(role=SectionRole.RESULTS, heading=heading, body=text) for text in (body, *more)
    ]
    return measures_of(sections)


WEEKS = """| Week starting | Babies put to breast within 1 hour | Live births | % | Remark |
|---|---|---|---|---|
| 9 Jan 2023 | 9 | 27 | 33 | |
| 16 Jan 2023 | – | – | – | strike |
| 23 Jan 2023 | 8 | 21 | 38 | |
| 30 Jan 2023 | 12 | 24 | 50 | |
"""


def test_numerator_and_denominator_are_told_by_their_quotient():
    (measure,) = _found(WEEKS).measures
    assert measure.name == "Babies put to breast within 1 hour"
    assert measure.denominator_text == "Live births"
    assert (measure.unit, measure.cadence) == (Unit.PERCENT, Cadence.WEEK)
    first, last = measure.points[0], measure.points[-1]
    assert (first.period, first.numerator, first.denominator) == (date(2023, 1, 9), 9, 27)
    assert (last.period, last.numerator, last.denominator) == (date(2023, 1, 30), 12, 24)


def test_the_denominator_may_stand_first():
    body = "| Month | Charts | Complete | % |\n|---|---|---|---|\n" + "".join(
        f"| {month} 2022 | {whole} | {part} | {100 * part / whole:.0f} |\n"
        for month, whole, part in (("Jan", 118, 21), ("Feb", 121, 25), ("Mar", 116, 19))
    )
    (measure,) = _found(body).measures
    assert (measure.numerator_text, measure.denominator_text) == ("Complete", "Charts")


def test_a_gap_stays_a_gap_and_keeps_its_remark():
    gap = _found(WEEKS).measures[0].points[1]
    assert (gap.numerator, gap.denominator, gap.value) == (None, None, None)
    assert gap.note == "strike"


def test_a_percent_that_contradicts_its_counts_is_a_doubt_and_is_not_corrected():
    found = _found(WEEKS.replace("| 8 | 21 | 38 |", "| 8 | 21 | 83 |"))
    assert found.doubts == ("“Results”, 23 Jan 2023: 8 of 21 is 38 %, but the table says 83 %.",)
    assert found.measures[0].points[2].numerator == 8


def test_two_parts_of_one_whole_are_two_measures():
    body = """| Mes | Con la persona que eligió | En la posición que prefirió | Entrevistadas |
|---|---|---|---|
| mayo 2022 | 6 | 3 | 34 |
| junio 2022 | 9 | 5 | 31 |
| julio 2022 | 14 | 6 | 33 |
"""
    found = _found(body).measures
    assert [m.denominator_text for m in found] == ["Entrevistadas", "Entrevistadas"]
    assert [m.points[0].numerator for m in found] == [6, 3]
    assert {m.type for m in found} == {MeasureType.EXPERIENCE}


def test_a_single_column_of_numbers_is_a_count():
    body = "| Month | Units |\n|---|---|\n| June 2022 | 0 |\n| July 2022 | 4 |\n| Aug 2022 | 7 |\n"
    (measure,) = _found(body).measures
    assert measure.unit is Unit.COUNT
    assert [point.value for point in measure.points] == [0, 4, 7]


def test_median_minutes_are_minutes():
    body = """| Week beg. | Children timed | Median wait (min) |
|---|---|---|
| 17.10.22 | 38 | 124 |
| 24.10.22 | 40 | 118 |
| 31.10.22 | 37 | 97 |
"""
    units = {measure.name: measure.unit for measure in _found(body).measures}
    assert units["Median wait (min)"] is Unit.MINUTES


def test_deaths_are_an_outcome_and_better_down():
    body = """| Quarter | Died before discharge | Admitted | % |
|---|---|---|---|
| Oct 2020 | 188 | 1421 | 13 |
| Jan 2021 | 171 | 1380 | 12 |
| Apr 2021 | 150 | 1402 | 11 |
"""
    (measure,) = _found(body).measures
    assert (measure.type, measure.direction) == (MeasureType.OUTCOME, Direction.DOWN)
    assert measure.cadence is Cadence.QUARTER
    assert _found(WEEKS).measures[0].direction is None


def test_a_table_that_goes_on_over_the_page_is_one_measure():
    head, rows = WEEKS.split("| 23 Jan", maxsplit=1)
    again = "\n".join(WEEKS.splitlines()[:2])
    (measure,) = _found(f"{head}\n{again}\n| 23 Jan{rows}").measures
    assert len(measure.points) == 4


def test_equal_tables_are_told_apart_by_their_headings():
    sections = [
        Section(heading="Mwelushi", body=WEEKS),
        Section(heading="Chipako", body=WEEKS),
    ]
    names = [measure.name for measure in measures_of(sections).measures]
    assert [name.rpartition(" ")[2] for name in names] == ["(Mwelushi)", "(Chipako)"]


def test_ethiopian_months_are_a_doubt():
    body = "| Month | Cases |\n|---|---|\n| Meskerem | 3 |\n| Tikimt | 4 |\n| Hidar | 9 |\n"
    found = _found(body)
    assert found.measures == ()
    assert "Ethiopian" in found.doubts[0]


def test_a_table_without_periods_is_no_measure():
    body = "| Step | Median minutes |\n|---|---|\n| Call | 18 |\n| Car | 71 |\n| Road | 52 |\n"
    assert _found(body).measures == ()
    assert not has_series(body)


def test_columns_aligned_by_spaces_are_a_table():
    text = """Week starting     Complete   Shifts    %
15 May 2023              5       21   24
22 May 2023              8       21   38
29 May 2023              7       21   33
"""
    (grid,) = grids(text)
    assert grid.header == ("Week starting", "Complete", "Shifts", "%")
    (measure,) = _found(text).measures
    assert [point.numerator for point in measure.points] == [5, 8, 7]


def test_a_gap_in_columns_aligned_by_spaces_is_a_gap_and_moves_no_number():
    text = """Month          Weighed   Births    %
Jan 2023          12       30     40
Feb 2023
Mar 2023          21       30     70
Apr 2023                   31
May 2023          24       30     80
"""
    (measure,) = _found(text).measures
    assert [point.numerator for point in measure.points] == [12, None, 21, None, 24]
    assert [point.denominator for point in measure.points] == [30, None, 30, None, 30]
    assert measure.points[3].note == "? 31"


USUAL = (
    "", "–", "12", "12/30", "40 %", "12 (40%)", "Jan 2023", "Feb 2023", "2022", "Q1 2023", "Week 5",
    "Total", "Target", "%", "Numerator", "Denominator", "Births", "12*", "44927", "2080/01",
    "Meskerem", "n/a", "1,421", "36,5", "Toro Clinic", "* strike", "05/13/2023", "Mars", "0",
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(USUAL),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)


@given(
    st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=2, max_size=9)
    )
)
def test_any_table_can_be_read_and_points_hold_only_its_numbers(rows):
    lines = ["| " + " | ".join(cell.replace("|", r"\\|") for cell in row) + " |" for row in rows]
    found = measures_of([Section(heading="Results", body="\n".join(lines))], year=2023)
    for measure in found.measures:
        said = [p for p in measure.points if (p.numerator, p.denominator, p.value) != (None,) * 3]
        assert len(said) > 1
        assert measure.name


def test_a_table_as_wide_as_a_hostile_file_makes_it_is_read():
    wide = "| Month |" + " 1 |" * 100_000
    assert measures_of([Section(heading="Results", body=f"{wide}\n{wide}\n{wide}")]).measures == ()
