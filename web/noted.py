"""What versions say of themselves, in the reader's language.

A version keeps its note in English, as it was written when it was made: “ingested from story.docx”.
The notes that the library itself writes are known here; anything else is a person's words.
"""

import re

from kb.wording import marked

NOTES = (
    marked("told"),
    marked("told again"),
    marked("curated"),
    marked("field decided"),
    marked("tags decided"),
    marked("tags suggested again"),
    marked("findings kept"),
    marked("findings redacted"),
    marked("findings replaced"),
    marked("findings open"),
    marked("saved on top of another edit"),
    marked("changed by a program"),
    marked("ingested from %(file)s"),
    marked("imported from %(library)s"),
    marked("imported again from %(library)s"),
    marked("restored from version %(version)s"),
    marked("batch %(number)s undone"),
    marked("tagged anew: %(change)s"),
)
_VALUE = re.compile(r"%\\\((\w+)\\\)s")  # as `re.escape` leaves it


def noted(note: str) -> str:
    """Return a note for a page to translate, or as it is where a person wrote it.

    >>> noted("restored from version 3").values, noted("for the Ministry")
    ({'version': '3'}, 'for the Ministry')
    """
    for known, pattern in _PATTERNS:
        if found := pattern.fullmatch(note):
            return marked(known, **found.groupdict())
    return note


def _pattern(message: str) -> re.Pattern[str]:
    return re.compile(_VALUE.sub(r"(?P<\1>.+)", re.escape(message)))


_PATTERNS = tuple((one.message, _pattern(one.message)) for one in NOTES)
