"""What a picture says, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Words:
    """The messages of one kind of picture, each a field whose default is English."""

    @classmethod
    def told(cls, gettext: Callable[[str], str]) -> Self:
        """Return the words in the language of `gettext`."""
        return cls(**{field.name: gettext(str(field.default)) for field in fields(cls)})
