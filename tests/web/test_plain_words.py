"""Plain words: what the pages say can be read by somebody whose third language is English."""

import re
from statistics import fmean

import pytest

from web.messages import said

# Flesch-Kincaid grade: years of school in the USA that a text asks for.
# Source: J. P. Kincaid et al., Derivation of New Readability Formulas for Navy Enlisted
# Personnel, Research Branch Report 8-75, 1975. A sentence counts from four words on: the formula
# was made for prose, and says nothing of a label.
MEAN_AT_MOST = 4.0  # it is about 2; eight would still be “plain English”
ONE_AT_MOST = 10.0  # of a sentence; one long word of the field in a few words comes near
LEAST_WORDS = 4  # of what is counted at all: shorter is a label
SENTENCE = 7  # words from which one sentence alone is judged
# Names of standards and programs say nothing of how plain the rest is.
NAMES = re.compile(r"Web Content Accessibility Guidelines|Apache|LibreOffice|JavaScript")

WORD = re.compile(r"[A-Za-z’']+")
SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+")
VALUE = re.compile(r"%\((\w+)\)[sd]")
TAG = re.compile(r"<[^>]+>")
# What is written for who runs a library, beside a command or a setting.
FOR_OPERATORS = re.compile(r"\bKB_|\bkb |\.toml|`|/api/")


def syllables(word: str) -> int:
    """Return about how many syllables an English word has.

    >>> [syllables(word) for word in ("care", "story", "experience", "baby", "the", "measured")]
    [1, 2, 4, 2, 1, 2]
    """
    word = word.lower().strip("’'")
    if len(word) <= 3:
        return 1
    core = re.sub(r"(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$", "", word)
    groups = re.findall(r"[aeiouy]+", re.sub(r"i(?=[aou]|en)", "i-", core.removeprefix("y")))
    return max(1, len(groups))


def grade(sentence: str) -> float:
    """Return the Flesch-Kincaid grade of one sentence.

    >>> round(grade("The cat sat on the mat."), 1)
    -1.4
    """
    words = WORD.findall(sentence)
    return 0.39 * len(words) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def sentences() -> list[str]:
    """Return every sentence that the pages say in English, values left out."""
    found = set()
    for message in said():
        texts = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        for text in texts:
            if text and not FOR_OPERATORS.search(text):
                plain = NAMES.sub("it", VALUE.sub("five", TAG.sub("", text))).replace("%%", "%")
                found |= {one.strip() for one in SENTENCE_END.split(plain)}
    return sorted(one for one in found if len(WORD.findall(one)) >= LEAST_WORDS)


def test_the_formula_gives_its_worked_example() -> None:
    # Twelve words, fifteen syllables.
    text = "The nurse asked each mother about the first hour after the birth"
    assert sum(map(syllables, text.split())) == 15
    assert grade(text) == pytest.approx(0.39 * 12 + 11.8 * 15 / 12 - 15.59)


def test_the_pages_are_easy_to_read() -> None:
    grades = {sentence: grade(sentence) for sentence in sentences()}
    assert len(grades) > 200
    whole = {one: at for one, at in grades.items() if len(WORD.findall(one)) >= SENTENCE}
    hard = {one: round(at, 1) for one, at in whole.items() if at > ONE_AT_MOST}
    assert not hard, "\n".join(f"{at}: {one}" for one, at in hard.items())
    assert fmean(grades.values()) <= MEAN_AT_MOST
