"""Words in pictures, by tesseract where it is installed: the only door to that program."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from types import MappingProxyType

# The languages that are looked for, by BCP 47 code, as tesseract calls them.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"en": "eng", "fr": "fra", "es": "spa", "pt": "por", "sw": "swa", "ar": "ara"}
)
_SPOKEN = {
    "en": "English",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "sw": "Swahili",
    "ar": "Arabic",
}
INSTALL = "apt-get install tesseract-ocr " + " ".join(
    f"tesseract-ocr-{code}" for code in LANGUAGES.values()
)
# The small words of each language, as they come out of a pass in another: without accents. A
# model of languages would take the memory of three pages; these tell enough to read again.
_SMALL_WORDS = {
    "en": "the of and to in was were is are for with on that we not by from at had it they",
    "fr": "le la les des du de et dans pour est une un que sur par au aux nous pas avec sont ont",
    "es": "el la los las del de y en para es una un que por con se no al lo su fue son como",
    "pt": "o a os as da do dos das de e em para uma um que por com no na ao se foi nos mais",
    "sw": "na ya wa kwa ni za la katika kuwa hii ili au cha vya yao wao hadi siku pia kama",
}
_SETS = {code: frozenset(words.split()) for code, words in _SMALL_WORDS.items()}
_SMALL_SHARE = 0.1  # of the words of a text; below, its language is not told
_ARABIC = re.compile("[\u0600-\u06ff]")
LEGIBLE = 60.0  # confidence in percent below which other ways are tried, and a page is doubted
_NOISE = 20.0  # words read with less are specks and lines
_COLUMN_GAP = 2.5  # heights of a line: words farther apart stand in columns
_DPI = 300
_LIST_LANGUAGES_S = 10


@dataclass(frozen=True, slots=True)
class Tesseract:
    """What is installed: the program ("" where there is none) and the languages it can read."""

    program: str = ""
    languages: tuple[str, ...] = ()  # BCP 47, of those in LANGUAGES
    turns: bool = False  # whether it finds out how a page is turned

    @property
    def works(self) -> bool:
        """Whether anything can be read at all."""
        return bool(self.languages)

    @property
    def spoken(self) -> str:
        """The languages in words, such as "English, French"."""
        return ", ".join(_SPOKEN[code] for code in self.languages)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of one picture and how sure tesseract is of its words, in percent."""

    text: str
    confidence: float  # mean over the letters; 0 where there is no word
    language: str  # BCP 47, the one it was read in
    turned: bool = False  # whether tesseract was to find out which side is up


def installed() -> Tesseract:
    """Return what is installed; looked up once for each PATH."""
    return _installed(os.environ.get("PATH", os.defpath))


def ocr_status(*, wanted: bool = True) -> str:
    """Return one line for a person: whether scans are read here, in what languages, or what to do.

    `wanted` is the setting KB_OCR.
    """
    if not wanted:
        return "Scans and photos are not read: OCR is switched off (KB_OCR)."
    tesseract = installed()
    if not tesseract.works:
        return f"Scans and photos are not read: tesseract is missing. To read them: {INSTALL}"
    absent = [_SPOKEN[code] for code in LANGUAGES if code not in tesseract.languages]
    lacking = f" Not installed: {', '.join(absent)}." if absent else ""
    return f"Scans and photos are read by OCR (tesseract, {tesseract.spoken}).{lacking}"


def recognise(picture: bytes, *, language: str = "", seconds: float = 20) -> Recognised:
    """Return the text of a picture (PNM or PNG, upright or not).

    `language` is the one to begin with: that of the page before, or the declared one. Where the
    words then are of another language that is installed, the page is read again in that.

    Raises:
        TimeoutError: it takes longer than `seconds`.
    """
    tesseract = installed()
    first = language if language in tesseract.languages else tesseract.languages[0]
    best = _read(tesseract, picture, first, seconds)
    if best.confidence < LEGIBLE:
        # turned by 90 degrees or upside down; or in letters that the first language has not
        others = [code for code in ("ar", "en") if code in tesseract.languages and code != first]
        tries = [(first, True)] * tesseract.turns + [(code, tesseract.turns) for code in others[:1]]
        for code, turned in tries:
            again = _read(tesseract, picture, code, seconds, turned=turned)
            best = max(best, again, key=_worth)
    told = language_told(best.text)
    if told != best.language and told in tesseract.languages:
        again = _read(tesseract, picture, told, seconds, turned=best.turned)
        best = max(best, again, key=_worth)
    return best


def language_told(text: str) -> str:
    """Return the language of `text` among LANGUAGES by its small words, or "".

    >>> language_told("Nous avons trouve les ampoules sur la table, dans le bloc")
    'fr'
    """
    if len(_ARABIC.findall(text)) > sum(map(str.isalpha, text)) / 2:
        return "ar"
    words = re.findall(r"[^\W\d_]+", text.lower())
    found = {code: sum(word in small for word in words) for code, small in _SETS.items()}
    best = max(found, key=found.__getitem__)
    return best if found[best] > _SMALL_SHARE * len(words) else ""


def _worth(read: Recognised) -> float:
    return read.confidence * sum(map(str.isalnum, read.text))


@cache
def _installed(path: str) -> Tesseract:
    program = shutil.which("tesseract", path=path)
    if program is None:
        return Tesseract()
    try:
        said = subprocess.run(  # noqa: S603  # no shell; found on the PATH of whoever runs us
            [program, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LIST_LANGUAGES_S,
            check=False,
        ).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return Tesseract()  # there, and does not run: as good as missing
    known = tuple(code for code, name in LANGUAGES.items() if name in said)
    return Tesseract(program, known, turns="osd" in said)


def _read(
    tesseract: Tesseract, picture: bytes, language: str, seconds: float, *, turned: bool = False
) -> Recognised:
    layout = "1" if turned else "3"  # 3: any layout, upright; 1: find out how it is turned first
    command = [tesseract.program, "stdin", "stdout", "-l", LANGUAGES[language], "--psm", layout]
    try:
        table = subprocess.run(  # noqa: S603  # no shell; every argument is ours
            [*command, "--dpi", str(_DPI), "tsv"],
            input=picture,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        ).stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    words = [word for word in _words(table) if word.confidence >= _NOISE]
    letters = sum(len(word.text) for word in words)
    sure = sum(word.confidence * len(word.text) for word in words)
    return Recognised(_text(words), sure / letters if letters else 0.0, language, turned)


@dataclass(frozen=True, slots=True)
class _Word:
    """One row of tesseract's table: where a word stands, in pixels, and how sure it is."""

    paragraph: tuple[int, int]  # block, paragraph
    line: int
    left: int
    width: int
    height: int
    confidence: float
    text: str


_COLUMNS = 12  # level page block par line word left top width height conf text
_WORD_LEVEL = "5"


def _words(table: str) -> Iterator[_Word]:
    for row in table.split("\n"):
        cells = row.split("\t")
        if len(cells) == _COLUMNS and cells[0] == _WORD_LEVEL and cells[11].strip():
            block, paragraph, line, _, left, _, width, height = map(int, cells[2:10])
            place = (block, paragraph)
            yield _Word(place, line, left, width, height, float(cells[10]), cells[11].strip())


def _text(words: list[_Word]) -> str:
    paragraphs = (
        "\n".join(_line(list(line)) for _, line in groupby(paragraph, key=lambda word: word.line))
        for _, paragraph in groupby(words, key=lambda word: word.paragraph)
    )
    # a word broken at the end of a line is one word
    return re.sub(r"(\w)-\n(?=[^\W\d_])", r"\1", "\n\n".join(paragraphs))


def _line(words: list[_Word]) -> str:
    """Return the words of a line; a tab stands where the next begins far away, as in a table."""
    parts = [words[0].text]
    for before, word in pairwise(words):
        gap = max(word.left - before.left - before.width, before.left - word.left - word.width)
        far = gap > _COLUMN_GAP * max(before.height, word.height)
        parts += ["\t" if far else " ", word.text]
    return "".join(parts)
