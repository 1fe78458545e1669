"""What the head of a record page says to programs: reference managers, messengers, crawlers."""

from babel.core import get_global


def og_locale(tag: str) -> str:
    """Return a BCP 47 tag as Open Graph writes it: language and the country most likely meant.

    >>> og_locale("sw"), og_locale("pt-MZ"), og_locale("xx")
    ('sw_TZ', 'pt_MZ', 'xx')
    """
    language, *subtags = tag.split("-")
    country = next((one for one in subtags if len(one) == 2 and one.isupper()), "")  # noqa: PLR2004
    if not country:
        likely: str = get_global("likely_subtags").get(language, "")
        country = likely.rpartition("_")[2] if likely.count("_") > 1 else ""
    return f"{language}_{country}" if country else language
