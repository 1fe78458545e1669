"""Cut a text into tokens and fold each to the form in which spellings of one word are equal."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# Characters that continue a word though they are neither letter nor digit: soft hyphen,
# zero-width non-joiner and joiner. Combining marks (category M) continue one too.
JOINERS = "\u00ad\u200c\u200d"
# Accents of Latin, Greek and Cyrillic, and the vowel signs that Arabic leaves out at will.
# Marks of other scripts are letters in all but name and are kept.
ACCENTS = re.compile("[\u0300-\u036f\u064b-\u0652\u00ad\u200c\u200d]")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
LONGEST_KEPT = 40  # letters: what is longer is no word, and would only fill the memory
RUN = re.compile(r"[^\W_]+")

# British and American spellings of one word, in words long enough not to collide (six letters).
SPELLINGS = (
    (re.compile(r"[ao]e"), "e"),  # haemorrhage, oedema
    (re.compile(r"our"), "or"),  # labour
    (re.compile(r"([iy])z"), r"\1s"),  # immunize, analyze
    (re.compile(r"ll"), "l"),  # counselling, enrollment
    (re.compile(r"([tbv])re$"), r"\1er"),  # centre, fibre, manoeuvre
    (re.compile(r"ph(?=at|on|ad)"), "f"),  # sulphate, sulphadoxine
    (re.compile(r"logue$"), "log"),  # dialogue
    (re.compile(r"amme$"), "am"),  # programme
    (re.compile(r"^licence|^licens"), "licens"),
    (re.compile(r"^practis"), "practic"),
)
SPELLING_FROM = 6  # letters

# Plurals of English, French, Spanish and Portuguese; the first that fits is applied.
PLURALS = (
    (re.compile(r"(?<=..)([cs])oes$"), r"\1ao"),  # infecções
    (re.compile(r"(?<=...)ais$"), "al"),  # hospitais
    (re.compile(r"(?<=..)eaux$"), "eau"),  # niveaux
    (re.compile(r"(?<=...)aux$"), "al"),  # hôpitaux
    (re.compile(r"(?<=..[^siu])s$"), ""),  # tests, babies, mujeres; not process, virus, sepsis
)
# What is left at the end where singular and plural part: nurse(s), mujer(es), baby and babies.
ENDINGS = (
    (re.compile(r"(?<=...)(ie|y)$"), "i"),
    (re.compile(r"(?<=....)e$"), ""),
    (re.compile(r"(?<=...)m$"), "n"),  # imagem, imagens
)


class Token(NamedTuple):
    """A word of a text: `text[start:end]` as it stands, and its folded form."""

    start: int
    end: int
    surface: str
    form: str


def tokens(text: str) -> Iterator[Token]:
    """Yield the words and numbers of the text in order; offsets count characters of `text`.

    >>> [t.form for t in tokens("Hémorragies du post‐partum")]
    ['hemorragi', 'du', 'post', 'partun']
    """
    start = end = 0
    for run in RUN.finditer(text):
        if start < end and not _continues(text, end, run.start()):
            yield _token(text, start, _with_marks(text, end))
            start = run.start()
        elif start == end:
            start = run.start()
        end = run.end()
    if start < end:
        yield _token(text, start, _with_marks(text, end))


def fold(word: str) -> str:
    """Return the word without case and accents, British and American, singular and plural alike.

    The result is no word of any language, only the same for words that are to be found together.

    >>> fold("Labour") == fold("labor"), fold("césariennes") == fold("cesarienne")
    (True, True)
    >>> fold("babies") == fold("baby"), fold("infecções") == fold("infecção")
    (True, True)
    """
    return _kept(word) if len(word) <= LONGEST_KEPT else _folded(word)


def _folded(word: str) -> str:
    return _ending(_spelling(_singular(plain(word))))


_kept = lru_cache(maxsize=2**16)(_folded)  # a text repeats its words


def plain(word: str) -> str:
    """Return the word without case and accents only."""
    composed = unicodedata.normalize("NFKD", word.casefold())
    return ACCENTS.sub("", composed).translate(LIGATURES).casefold()


def _continues(text: str, end: int, start: int) -> bool:
    """Whether only marks stand between two runs of letters, so that they are one word."""
    return all(_is_mark(text[at]) for at in range(end, start))


def _with_marks(text: str, end: int) -> int:
    while end < len(text) and _is_mark(text[end]):
        end += 1
    return end


def _is_mark(character: str) -> bool:
    return character in JOINERS or (
        character > "\u02ff" and unicodedata.category(character).startswith("M")
    )


def _token(text: str, start: int, end: int) -> Token:
    surface = text[start:end]
    return Token(start, end, surface, fold(surface))


def _spelling(word: str) -> str:
    if len(word) < SPELLING_FROM:
        return word
    for british, american in SPELLINGS:
        word = british.sub(american, word)
    return word


def _singular(word: str) -> str:
    for plural, singular in PLURALS:
        if plural.search(word):
            return plural.sub(singular, word)
    return word


def _ending(word: str) -> str:
    for ending, rest in ENDINGS:
        word = ending.sub(rest, word)
    return word
