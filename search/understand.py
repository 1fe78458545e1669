"""What a question asks for: its words, its language, its concepts."""

from collections.abc import Sequence
from dataclasses import dataclass

from kb.errors import InvalidError
from kb.folding import plain, tokens
from kb.label_trie import Kind
from kb.labels import Labels, Match
from search.stopwords import STOP_WORDS

LONGEST = 1_000  # characters; longer than any question, shorter than an attack
ENGLISH = "en"
UNCLEAR = frozenset({Kind.ABBR, Kind.FUZZY})  # to an encoder, even in English


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood."""

    text: str
    words: tuple[str, ...] = ()  # lower case, each once, without stop words unless all are
    language: str = ""  # BCP 47, empty when there is too little to tell
    concepts: tuple[Match, ...] = ()  # found by their labels, with the place in `text`
    encoded: str = ""  # what is turned to a vector: `text`, foreign words and letters explained

    @property
    def notations(self) -> tuple[str, ...]:
        """The concepts asked for, each once."""
        return tuple(dict.fromkeys(match.notation for match in self.concepts))


def understand(text: str, labels: Labels | None = None) -> Question:
    """Return what `text` asks for; without labels no concepts are found.

    Raises:
        InvalidError: it has more than 1,000 characters.
    """
    if len(text) > LONGEST:
        raise InvalidError(
            f"The question has {len(text):,} characters; {LONGEST:,} is the most.",
            hint="Ask with fewer words.",
        )
    spoken = [token.surface.casefold() for token in tokens(text)]
    language = guess_language(spoken)
    stop_words = STOP_WORDS[language or ENGLISH]
    telling = [word for word in spoken if plain(word) not in stop_words]
    concepts: list[Match] = []
    if labels is not None:
        concepts = labels.find(text, language=language or None, question=True, fuzzy=True)
    return Question(
        text=text,
        words=tuple(dict.fromkeys(telling or spoken)),
        language=language,
        concepts=tuple(concepts),
        encoded=_explained(text, concepts, labels),
    )


def guess_language(words: list[str]) -> str:
    """Return the language most of whose stop words are among `words`; empty if none is.

    Of languages that tie, the one that was said first in the list of languages.

    >>> guess_language("comment éviter la pneumonie".split())
    'fr'
    >>> guess_language(["oxytocin"])
    ''
    """
    known = {
        language: sum(plain(word) in stop_words for word in words)
        for language, stop_words in STOP_WORDS.items()
    }
    best = max(known, key=lambda language: known[language])
    return best if known[best] else ""


def _explained(text: str, concepts: Sequence[Match], labels: Labels | None) -> str:
    """Return the question with the English names of what it says in other words.

    The encoder knows English best, few abbreviations and no misspelt word: over 222 questions
    in five languages this gains 12 % nDCG@10.
    """
    if labels is None:
        return text
    names = [
        labels.expansions(match.notation)[0]
        for match in concepts
        if match.language != ENGLISH or match.kind in UNCLEAR
    ]
    return " ".join([text, *dict.fromkeys(names)])
