"""What a question asks for: its words, its language, its concepts."""

from dataclasses import dataclass

from kb.labels import Match


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood."""

    text: str
    words: tuple[str, ...] = ()  # lower case, in order, without stop words unless all are
    language: str = ""  # BCP 47, empty when there is too little to tell
    concepts: tuple[Match, ...] = ()  # found by their labels, with the place in `text`
