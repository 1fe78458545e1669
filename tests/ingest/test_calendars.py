"""Calendars that are named and never converted."""

import pytest

from ingest.calendars import Calendar, calendar_of
from ingest.dating import dated
from ingest.periods import parse


@pytest.mark.parametrize(
    ("cells", "calendar"),
    [
        (["Meskerem 2015", "Tikimt 2015"], Calendar.ETHIOPIAN),
        (["መስከረም 2015", "ጥቅምት 2015"], Calendar.ETHIOPIAN),
        (["12/01/2015 EC", "12/02/2015 EC"], Calendar.ETHIOPIAN),
        (["Muharram 1444", "Safar 1444"], Calendar.ISLAMIC),
        (["محرم ١٤٤٤", "صفر ١٤٤٤"], Calendar.ISLAMIC),
        (["Baisakh 2080", "Jestha 2080"], Calendar.NEPALI),
        (["बैशाख", "जेठ"], Calendar.NEPALI),
        (["2080/01", "2080/02", "2080/03"], Calendar.NEPALI),
        (["2080 BS", "2081 BS"], Calendar.NEPALI),
        (["Farvardin 1402", "Khordad 1402"], Calendar.PERSIAN),
        (["1402/01", "1402/02"], Calendar.PERSIAN),
        (["2566", "2567"], Calendar.BUDDHIST),
    ],
)
def test_a_calendar_is_told_by_its_months_its_era_or_its_years(cells, calendar):
    assert calendar_of("Month", cells) is calendar
    assert not any(dated(cells, header="Month", year=2023).periods)


@pytest.mark.parametrize(
    "cells",
    [
        ["January 2023", "February 2023"],
        ["Septemba 2022", "Oktoba 2022"],
        ["2023-01", "2023-02"],
        ["mars 2023", "avril 2023"],
        ["Mehr Khan", "Week 2"],
    ],
)
def test_our_own_months_are_of_no_other_calendar(cells):
    assert calendar_of("Month", cells) is None


def test_a_header_may_name_the_calendar():
    assert calendar_of("Month (E.C.)", ["1", "2"]) is Calendar.ETHIOPIAN
    assert parse("3 March 2015 E.C.") is None
