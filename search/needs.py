"""Whether anything good was found: what an answer must have in common with its question."""

from kb.folding import plain
from search.query import WEIGHTS, Hit, Results
from search.understand import ENGLISH

LOOKED_AT = 3  # hits whose words count: the best by meaning need not have them
BEST = 5  # hits whose meaning and concepts count
# Evidence that a good answer has, measured on the sample library: of 224 judged questions 6 %
# stay below it, of 44 questions that it does not answer (tests/data/unanswered.jsonl) 80 % do.
ENOUGH = 0.45
WORD, CONCEPT = 0.2, 0.2  # evidence of all the question's words, and of all its concepts
# The encoder knows English best: two texts in another language are near one another for that
# alone.
ELSEWHERE = 0.7
ENOUGH_WORDS = 0.35  # of the question, where nothing is searched by meaning; 8 % and 71 %
STEM = 4  # letters that two forms of a word share at least
ENDING = 3  # letters at the end in which they may differ


def is_missing(results: Results) -> bool:
    """Return whether the library has nothing good for the question, as far as its hits tell.

    `results` are the first page without filters. A question without words misses nothing.
    """
    if not results.question.words:
        return False
    best = results.hits[:BEST]
    words = max((_covered(results, hit) for hit in results.hits[:LOOKED_AT]), default=0.0)
    concepts = max((hit.parts.concepts for hit in best), default=0.0) / WEIGHTS.concepts
    cosine = max((hit.parts.meaning for hit in best), default=0.0) / WEIGHTS.meaning
    if cosine == 0:
        return words + concepts < ENOUGH_WORDS
    if results.question.language not in {"", ENGLISH}:
        cosine *= ELSEWHERE
    return cosine + WORD * words + CONCEPT * concepts < ENOUGH


def _covered(results: Results, hit: Hit) -> float:
    """Return the share of the question's words that the hit has in some form."""
    has = {plain(part) for word in hit.words for part in word.split()}
    asked = results.question.words
    return sum(any(_alike(plain(word), one) for one in has) for word in asked) / len(asked)


def _alike(word: str, other: str) -> bool:
    """Return whether two words begin alike, as forms of one word do.

    >>> _alike("hospitals", "hospital"), _alike("cost", "cold"), _alike("kmc", "kmc")
    (True, False, True)
    """
    stem = word[: max(STEM, len(word) - ENDING)]
    return word == other or (len(stem) >= STEM and other.startswith(stem))
