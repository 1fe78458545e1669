"""Messages that a page translates when it shows them: errors and constants."""

from typing import Any


class Marked(str):
    """A message in English, with the values in it."""

    __slots__ = ("message", "values")
    message: str  # with placeholders, as catalogues have it
    values: dict[str, Any]


def marked(message: str, **values: Any) -> Marked:
    """Return a message for a page to translate later: a constant, or what an error says.

    >>> marked("There is no record %(number)s.", number=7)
    'There is no record 7.'
    """
    said = Marked(message % values if values else message)
    said.message, said.values = message, values
    return said
