"""Dates as people write them in tables and in running text."""

from datetime import date

import pytest

from ingest.dating import cadence_of, column, dated
from ingest.periods import day_in, parse, span_in, usual_year
from kb.vocabulary import Cadence


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-02-06", date(2023, 2, 6)),
        ("06/02/2023", date(2023, 2, 6)),
        ("17.10.22", date(2022, 10, 17)),
        ("6 Feb 2023", date(2023, 2, 6)),
        ("7-Aug-23", date(2023, 8, 7)),
        ("June 6, 2022", date(2022, 6, 6)),
        ("1er mars 2022", date(2022, 3, 1)),
        ("Semaine 12 (20/03/2023)", date(2023, 3, 20)),
        ("SE 14 (3 abr 2022)", date(2022, 4, 3)),
        ("5 Juni 2023", date(2023, 6, 5)),
        ("Feb-23", date(2023, 2, 1)),
        ("Oct 21", date(2021, 10, 1)),
        ("juil. 2021", date(2021, 7, 1)),
        ("set/22", date(2022, 9, 1)),
        ("Setembro 2022", date(2022, 9, 1)),
        ("Mac 2022", date(2022, 3, 1)),
        ("2022-05", date(2022, 5, 1)),
        ("11/2021", date(2021, 11, 1)),
        ("Q1 2023", date(2023, 1, 1)),
        ("T3 2023", date(2023, 7, 1)),
        ("Jan-Mar 2020", date(2020, 1, 1)),
        ("Nov-Jan 2023", date(2022, 11, 1)),
        ("Dec 2022-Feb 2023", date(2022, 12, 1)),
        ("2023-W05", date(2023, 1, 30)),
        ("Week 5 2023", date(2023, 1, 30)),
        ("SE 14/2022", date(2022, 4, 4)),
        ("Wiki ya 12, 2023", date(2023, 3, 20)),
        ("6-12 Feb 2023", date(2023, 2, 6)),
        ("du 6 au 12 février 2023", date(2023, 2, 6)),
        ("30 Dec – 5 Jan 2024", date(2023, 12, 30)),
        ("06/02-12/02/2023", date(2023, 2, 6)),
        ("Feb 6-12, 2023", date(2023, 2, 6)),
        ("Week 2 Jan 2023", date(2023, 1, 8)),
        ("1ra quincena de enero 2023", date(2023, 1, 1)),
        ("2e quinzaine de janvier 2023", date(2023, 1, 16)),
        ("1er trimestre 2023", date(2023, 1, 1)),
        ("2º trimestre de 2023", date(2023, 4, 1)),
        ("Trim. 3 2023", date(2023, 7, 1)),
        ("III trimestre 2023", date(2023, 7, 1)),
        ("Robo ya kwanza 2023", date(2023, 1, 1)),
        ("H2 2023", date(2023, 7, 1)),
        ("1er semestre 2022", date(2022, 1, 1)),
        ("Mwezi wa tatu 2023", date(2023, 3, 1)),
        ("Mwezi wa kumi na moja 2022", date(2022, 11, 1)),
        ("مارس 2024", date(2024, 3, 1)),
        ("آذار ٢٠٢٤", date(2024, 3, 1)),
        ("4 كانون الثاني 2024", date(2024, 1, 4)),
        ("غشت 2023", date(2023, 8, 1)),
        ("2023/01", date(2023, 1, 1)),
        ("202301", date(2023, 1, 1)),
        ("Jan '23", date(2023, 1, 1)),
        ("2023-01-31 00:00:00", date(2023, 1, 31)),
    ],
)
def test_a_period_is_read_as_it_is_written(text, day):
    period = parse(text)
    assert period is not None
    assert (period.first, period.label) == (day, text)


@pytest.mark.parametrize(
    "text",
    ["", "Total", "12", "31/02/2023", "Meskerem 2015", "SE 18", "Q1 2022/23", "FY23", "2080/01"],
)
def test_what_names_no_day_is_no_period(text):
    assert parse(text) is None


def test_a_year_that_is_not_written_goes_on_over_new_year():
    weeks = column(["Wk of 20 Nov", "Wk of 18 Dec", "Wk of 8 Jan"], year=2023)
    assert [week.first.year for week in weeks if week] == [2023, 2023, 2024]


def test_one_impossible_day_shows_that_the_column_puts_the_month_first():
    days = column(["05/06/2023", "05/13/2023"])
    assert [day.first for day in days if day] == [date(2023, 5, 6), date(2023, 5, 13)]


@pytest.mark.parametrize(
    ("cells", "header", "days"),
    [
        (["44927", "44958", "44986"], "Month", ["2023-01-01", "2023-02-01", "2023-03-01"]),
        (
            ["31/01/2023", "28/02/2023", "31/03/2023"],
            "",
            ["2023-01-01", "2023-02-01", "2023-03-01"],
        ),
        (
            ["31 Mar 2023", "30 Jun 2023", "30 Sep 2023"],
            "",
            ["2023-01-01", "2023-04-01", "2023-07-01"],
        ),
        (
            ["12 Feb 2023", "19 Feb 2023", "26 Feb 2023"],
            "Week ending",
            ["2023-02-06", "2023-02-13", "2023-02-20"],
        ),
        (
            ["Jun", "May", "Apr", "Mar"],
            "",
            ["2023-06-01", "2023-05-01", "2023-04-01", "2023-03-01"],
        ),
        (["S1 2023", "S2 2023", "S3 2023"], "", ["2023-01-02", "2023-01-09", "2023-01-16"]),
        (["S1 2022", "S2 2022", "S1 2023"], "", ["2022-01-01", "2022-07-01", "2023-01-01"]),
        (["2009", "Total", "2010"], "Year", ["2009-01-01", "None", "2010-01-01"]),
    ],
)
def test_a_whole_column_tells_how_its_cells_are_meant(cells, header, days):
    assert [str(p and p.first) for p in dated(cells, header=header, year=2023).periods] == days


def test_weeks_counted_from_a_beginning_are_dated_only_where_the_table_names_the_year():
    weeks = ["Week 1", "Week 2", "Week 3"]
    assert not any(dated(weeks, header="Week", year=2023).periods)
    told = dated(weeks, header="Week", year=2023, told=True)
    assert [str(p and p.first) for p in told.periods] == ["2023-01-02", "2023-01-09", "2023-01-16"]
    later = dated(["Week 12", "Week 13"], header="Week", year=2023)
    assert later.periods[0]
    assert "weeks of 2023" in later.doubts[0]


def test_days_that_are_months_apart_only_with_the_month_first_are_so_with_a_doubt():
    cells = ["02/01/2023", "03/01/2023", "04/01/2023"]
    months = dated(cells, header="Month")
    assert [str(p and p.first) for p in months.periods] == [
        "2023-02-01",
        "2023-03-01",
        "2023-04-01",
    ]
    assert "the month first" in months.doubts[0]
    days = dated(cells, header="Date")
    assert [str(p and p.first) for p in days.periods] == ["2023-01-02", "2023-01-03", "2023-01-04"]
    sure = dated(["02/05/2023", "02/12/2023", "02/19/2023"], header="Week")
    assert (str(sure.periods[0] and sure.periods[0].first), sure.doubts) == ("2023-02-05", ())


def test_the_usual_gap_is_the_cadence():
    weeks = column(["2023-01-02", "2023-01-09", "2023-01-16", "2023-02-06"])
    quarters = column(["Oct 2020", "Jan 2021", "Apr 2021"])
    assert cadence_of([week for week in weeks if week]) is Cadence.WEEK
    assert cadence_of([quarter for quarter in quarters if quarter]) is Cadence.QUARTER
    assert cadence_of([]) is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("from January to June 2023", (2023, 1), (2023, 6)),
        ("July 2022 - October 2023", (2022, 7), (2023, 10)),
        ("16 January to 18 June 2023", (2023, 1), (2023, 6)),
        ("entre février 2022 et janvier 2023", (2022, 2), (2023, 1)),
        ("mayo 2022 – abril 2023", (2022, 5), (2023, 4)),
        ("Fevereiro de 2022 a Janeiro de 2023", (2022, 2), (2023, 1)),
        ("Juni hadi Oktoba 2023", (2023, 6), (2023, 10)),
        ("November to March 2023", (2022, 11), (2023, 3)),
    ],
)
def test_from_and_to_are_found_in_a_text(text, start, end):
    span = span_in(f"The work went {text}, and on.")
    assert span is not None
    assert (span.start.year, span.start.month) == start
    assert (span.end.year, span.end.month) == end
    assert span.text in text


def test_a_day_without_a_year_must_fall_into_the_work():
    work = (date(2022, 9, 1), date(2023, 8, 1))
    assert day_in("From 6 February the scale was moved", within=work) == date(2023, 2, 6)
    assert day_in("À partir du 13 février", within=work) == date(2023, 2, 13)
    assert day_in("From 6 February the scale was moved") is None
    assert day_in("In October 2021 the carpenter came") == date(2021, 10, 1)


def test_the_usual_year_is_the_one_in_which_the_work_began():
    assert usual_year("Written 2023. From November 2022 to May 2023.") == 2022
    assert usual_year("no year") is None
