"""Calendars other than the Gregorian: named, and never converted.

Their years begin elsewhere and their months are of other lengths; a wrong conversion looks
right. What is dated by them stays as it is written, with a doubt that names the calendar.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from ingest.sentences import fold


class Calendar(StrEnum):
    """The calendars that health workers of the library's countries date by."""

    ETHIOPIAN = "Ethiopian"
    ISLAMIC = "Islamic"
    NEPALI = "Nepali (Bikram Sambat)"
    PERSIAN = "Persian"
    BUDDHIST = "Thai Buddhist"


# Months as they are written in Latin letters (folded) and in their own script, and the signs of
# the era. Names that are words or months elsewhere (Mehr, Tir, Asad, Sene) count with others only.
_NAMES = {
    Calendar.ETHIOPIAN: (
        "meskerem tikimt tikemt tekemt tiqimt hidar hedar tahsas tahisas tahsash yekatit megabit"
        " meggabit miazia miyazia miyazya ginbot genbot sene hamle nehase nehasse pagume pagumen"
        " መስከረም ጥቅምት ኅዳር ህዳር ታኅሣሥ ታህሳስ ጥር የካቲት መጋቢት ሚያዝያ ሚያዚያ ግንቦት ሰኔ ሐምሌ ሀምሌ ነሐሴ ነሀሴ ጳጉሜ ጳጉሜን"
    ),
    Calendar.ISLAMIC: (
        "muharram safar rabi jumada rajab shaban sha'ban ramadan ramadhan shawwal qadah dhul"
        " محرم صفر ربيع جمادى رجب شعبان رمضان شوال"
    ),
    Calendar.NEPALI: (
        "baisakh baishakh vaishakh jestha jeth ashadh asadh asar shrawan saun sawan bhadra bhadau"
        " ashwin ashoj asoj kartik mangsir poush push magh falgun fagun phagun chaitra chait"
        " बैशाख वैशाख जेठ असार श्रावण साउन भदौ भाद्र असोज आश्विन कार्तिक मंसिर पुष माघ फागुन फाल्गुन चैत चैत्र"
    ),
    Calendar.PERSIAN: (
        "farvardin ordibehesht khordad tir mordad shahrivar mehr aban azar bahman esfand"
        " hamal sawr jawza saratan asad sonbola mizan aqrab qaws jadi dalw hut"
        " فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر بهمن اسفند حمل ثور جوزا سرطان"
    ),
    Calendar.BUDDHIST: "",
}
_ERAS = {
    Calendar.ETHIOPIAN: r"e\.\s?c\b\.?|\bec\b|\beth\. ?cal|\bethiopian|ዓ\.?ም|ዓመተ",
    Calendar.ISLAMIC: r"\b1[34]\d\d\s*(?:a\.?h\.?|h)\b|\bhijri|\bhegir|\bhidjri|هـ",
    Calendar.NEPALI: (
        r"\bb\.\s?s\b\.?|\b20[5-9]\d\s*bs\b|\bbs\s*20[5-9]\d|\bbikram|\bvikram|वि\.?\s?सं"
    ),
    Calendar.PERSIAN: r"\bsolar hijri|\bjalali|\bshamsi|هجری شمسی",
    Calendar.BUDDHIST: r"\b25[4-9]\d\b|\bb\.?e\.?\s?25\d\d|\bbuddhist era|พ\.ศ",
}
_MONTHS = {
    calendar: re.compile(rf"(?<!\w)(?:{'|'.join(map(fold, names.split()))})(?!\w)")
    for calendar, names in _NAMES.items()
    if names
}
_ERA = {calendar: re.compile(words) for calendar, words in _ERAS.items()}
# Years that no record is from, in the only calendar that counts them so.
_YEARS = (
    (re.compile(r"^\D{0,12}20[6-9]\d\b"), Calendar.NEPALI),
    (re.compile(r"^\D{0,12}14[3-5]\d\b"), Calendar.ISLAMIC),
    (re.compile(r"^\D{0,12}1(?:3[89]|4[01])\d\b"), Calendar.PERSIAN),
)
LEAST_CELLS = 2  # that name a month of a calendar


def has_era(folded: str) -> bool:
    """Whether a folded text names the era of one of these calendars: 2015 E.C., 2080 BS."""
    return any(era.search(folded) for era in _ERA.values())


def calendar_of(header: str, texts: Sequence[str]) -> Calendar | None:
    """Return the calendar that a column of periods is dated by, None where it is none of these.

    >>> calendar_of("Month", ["Meskerem", "Tikimt", "Hidar"])
    <Calendar.ETHIOPIAN: 'Ethiopian'>
    >>> calendar_of("Month", ["March 2023", "April 2023"]) is None
    True
    """
    head, cells = fold(header), [fold(text) for text in texts if text.strip()]
    for calendar, era in _ERA.items():
        if era.search(head) or sum(bool(era.search(cell)) for cell in cells) >= LEAST_CELLS:
            return calendar
    named = {
        calendar: len({found[0] for cell in cells if (found := months.search(cell))})
        for calendar, months in _MONTHS.items()
    }
    most = max(named, key=lambda calendar: named[calendar])
    if named[most] >= LEAST_CELLS:
        return most
    for years, calendar in _YEARS:
        if cells and sum(bool(years.search(cell)) for cell in cells) > len(cells) / 2:
            return calendar
    return None
