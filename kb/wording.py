"""Messages that a page translates when it shows them: errors and constants."""

from typing import Any


class Marked(str):
    """A message in English, with the values in it."""

    __slots__ = ("message", "values")
    message: str  # with placeholders, as catalogues have it
    values: dict[str, Any]  # a tuple stands for several messages, one after the other


def marked(message: str, **values: Any) -> Marked:
    """Return a message for a page to translate later: a constant, or what an error says.

    >>> marked("There is no record %(number)s.", number=7)
    'There is no record 7.'
    >>> marked("Still missing: %(what)s.", what=("a summary", "a text"))
    'Still missing: a summary; a text.'
    """
    written = {
        name: "; ".join(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }
    said = Marked(message % written if values else message)
    said.message, said.values = message, values
    return said
