"""Whether anything good was found: what an answer must have in common with its question."""

from kb.folding import plain
from search.query import WEIGHTS, Hit, Results
from search.understand import ENGLISH, Question

LOOKED_AT = 3  # hits whose words count: the best by meaning need not have them
BEST = 5  # hits whose meaning and concepts count
# Evidence that a good answer has, measured on the sample library: of 224 judged questions 6 %
# stay below it, of 44 questions that it does not answer (tests/data/unanswered.jsonl) 77 % do.
ENOUGH = 0.45
WORD, CONCEPT = 0.2, 0.2  # evidence of all the question's words, and of all its concepts
# The encoder knows English best: two texts in another language are near one another for that
# alone.
ELSEWHERE = 0.7
ENOUGH_WORDS = 0.35  # of the question, where nothing is searched by meaning; 5 % and 64 %
STEM = 4  # letters that two forms of a word share at least
ENDING = 3  # letters at the end in which they may differ


def is_missing(results: Results) -> bool:
    """Return whether the library has nothing good for the question, as far as its hits tell.

    `results` are the first page without filters, by relevance. A question without words
    misses nothing.
    """
    if not results.question.words:
        return False
    best, first = results.hits[:BEST], results.hits[:LOOKED_AT]
    words = max((_covered(results.question, hit) for hit in first), default=0.0)
    concepts = max((hit.parts.concepts for hit in best), default=0.0) / WEIGHTS.concepts
    if any(_named_otherwise(results.question, hit) for hit in first):
        concepts = 1.0
    cosine = max((hit.parts.meaning for hit in best), default=0.0) / WEIGHTS.meaning
    if cosine == 0:
        return words + concepts < ENOUGH_WORDS
    if results.question.language not in {"", ENGLISH}:
        cosine *= ELSEWHERE
    return cosine + WORD * words + CONCEPT * concepts < ENOUGH


def _covered(question: Question, hit: Hit) -> float:
    """Return the share of the question's words that the hit has: in some form, or corrected."""
    has = {plain(part) for word in hit.words for part in word.split()}
    meant = {one.typed: one.meant for one in question.corrections}
    found = (
        any(_alike(plain(form), one) for form in (word, *meant.get(word, ())) for one in has)
        for word in question.words
    )
    return sum(found) / len(question.words)


def _named_otherwise(question: Question, hit: Hit) -> bool:
    """Return whether the hit names a concept of the question in words that are not in it.

    Words that a hit has and the question has not are labels of its concepts: those of other
    languages, or an abbreviation spelt out. A record without tags has its concepts so.
    """
    meant = (word for one in question.corrections for word in one.meant)
    asked = {plain(word) for word in (*question.words, *meant)}
    said = ([plain(part) for part in word.split()] for word in hit.words)
    return bool(question.concepts) and any(
        not any(_alike(one, part) or _alike(part, one) for one in asked for part in parts)
        for parts in said
    )


def _alike(word: str, other: str) -> bool:
    """Return whether two words begin alike, as forms of one word do.

    >>> _alike("hospitals", "hospital"), _alike("cost", "cold"), _alike("kmc", "kmc")
    (True, False, True)
    """
    stem = word[: max(STEM, len(word) - ENDING)]
    return word == other or (len(stem) >= STEM and other.startswith(stem))
