"""Names of people: after titles, words for people and labels, before ages, and said again."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from kb.identifiers.cues import Cues, listen
from kb.identifiers.page import GAP, WORD, Identifier, Page
from kb.identifiers.words import any_of, folded, roles, said
from kb.vocabulary import IdentifierKind

NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_])){0,40}+\.?")
MOST_WORDS = 5
MOST_STEPS = 10  # with particles such as “de la”
LINE_END = re.compile(r"[ ]?\n(?=[^\W\d_]{1,30}(?![^\W\d_]|[ ]?:))")
INITIALS = re.compile(r"(?:[A-ZÀ-Þ]\.[ ]?){2,4}(?![^\W\d_])")
CASES = frozenset({"case of", "caso de", "cas de", "kesi ya", "case"})
OF_WHOM = re.compile(r"(?:[^\W\d_][\w’'-]{1,30}[ ]){1,3}$")
REST_OF_ENTRY = re.compile(r"[^\n,;.&]{0,40}?(?=,|;|\n|[ ](?:and|et|y|e|na|&)[ ])")
AND = re.compile(r"[ ]?(?:,|;|\n[-*•]|[ ](?:and|et|y|e|na|&)(?=[ ]))[ ]?(?:and |et |y |e |na )?")
MOST_ATTENDED = 40
ET_AL = re.compile(r"[ ](?:et|and)[ ](?:al|coll)(?!\w)")
LONG_LINE = 60  # characters: the text goes on in the line below
LONGEST_ABBREVIATION = 4  # letters of a title that is written with a dot
POSSESSIVE = re.compile(r"['’]s$")
ABBREVIATED_PLACES = frozenset({"st", "av", "hosp", "univ"})
CARE = frozenset({"santé", "salud", "saúde", "health", "afya", "care", "maternal", "materno"})
MOST_TITLES = 2
PAUSE = re.compile(r"[:,][ \t*_]{1,4}")
SHORT = 4  # letters: capitals no longer than that are an abbreviation
AGE_BEFORE = re.compile(
    r"(?P<name>(?:[^\W\d_][\w’'-]{0,30}[ \t]){1,3}[^\W\d_][\w’'-]{0,30})(?:,[ ]|[ ]\()"
    r"(?:aged |age |âgée? de |de |wa umri wa |umri wa |mwenye umri wa |mwenye )?"
    r"(?:\d{1,3}(?: ?-|)[ ]?)?$"
)
LATER = re.compile(
    r"[ -]?(?:later|after|before|of\b|into|apart|ago|plus tard|después|depois|baadaye)"
)
CALLED = re.compile(rf"[ \t,]{{1,3}}(?:{any_of(said()['called'])}):?(?=[ \t*_])", re.IGNORECASE)
TITLE = re.compile(
    rf"(?:{any_of([w for words in said()['titles'].values() for w in words])})(?!\w)\.?"
    r"(?=[ \t\u00a0*_]{0,6}[^\W\d_])",
    re.IGNORECASE,
)
LABEL_END = re.compile(r"[ \t]{0,3}(?:$|[\n,;|.()*:/0-9–—-])")
TITLE_WITH_GAP = r"(?!\w)(?P<dot>\.?)[ªº]?(?=[ \t\u00a0*_]{0,6}[^\W\d_])"
LABEL_THEN = r"(?!\w)[ \t*_]{0,4}(?P<sign>[:|–—-])[ \t*_|]{0,6}"
PARTICLE_OR_SPACE = r"(?!\w)(?:\.?[ªº])?"
# Cues that belong to the name: to replace both by a role reads well.
PART_OF_NAME = frozenset({"baby", "mother", "nurse"})


class Name(NamedTuple):
    """A run of capitalised words."""

    start: int
    end: int
    words: tuple[str, ...]
    tail: str  # the next word in lower case, if only a space stands before it


def read_name(page: Page, start: int) -> Name | None:
    """Return the name that begins at `start`, or None; facilities, groups and things are none."""
    text, end, at, tail = page.text, start, start, ""
    words: list[str] = []
    for _ in range(MOST_STEPS):
        if len(words) == MOST_WORDS:
            break
        match = NAME_WORD.match(text, at)
        if match is None:
            break
        word = match.group()
        bare = POSSESSIVE.sub("", word.rstrip(".").casefold())
        if word[0].isupper() and not (bare in _no_name() and len(bare) > 1):
            words.append(word.rstrip("."))
            end = match.end()
            if word.endswith(".") and len(bare) > 1:
                end -= 1
                break
        elif not (bare in folded("particles") and words):
            tail = bare
            break
        gap = GAP.match(text, match.end()) or _wrapped(page, match.end())
        if gap is None:
            break
        at = gap.end()
    if not words or tail in folded("place_tails") or ET_AL.match(text, end):
        return None
    return Name(start, end, tuple(words), tail)


def _wrapped(page: Page, end: int) -> "re.Match[str] | None":
    """Return the end of a long line, where the text goes on in the next, as in files of PDF."""
    gap = LINE_END.match(page.text, end)
    return gap if gap and len(page.before(end, LONG_LINE + 1)) > LONG_LINE else None


@cache
def _no_name() -> frozenset[str]:
    return folded("not_names") | folded("place_tails")


def _previous(page: Page, start: int) -> str:
    """Return the word before `start` if only a space stands between, as written."""
    match = re.search(r"([^\W\d_]+)[ \t]{1,3}$", page.before(start))
    return match.group(1) if match else ""


def _is_place(page: Page, start: int) -> bool:
    """Return whether a hospital, a street or the like is named before: “Hospital Dr. Neto”."""
    for word in reversed(page.before(start, 60).split()[-4:]):
        bare = word.casefold().rstrip(".")
        if word.endswith(".") and bare not in ABBREVIATED_PLACES:
            return False
        if bare in folded("place_heads"):
            return word[0].isupper()
        if bare not in folded("particles") and bare not in CARE:
            return False
    return False


def _is_somebody(page: Page, name: Name) -> bool:
    """Return whether the words are more likely a name than words at the head of a line."""
    rare = [w for w in name.words if w.casefold() not in page.common and len(w) > 1]
    if len(name.words) == 1:
        word = name.words[0]
        return bool(rare) and len(word) > 2 and not (word.isupper() and len(word) <= SHORT)
    if all(word.isupper() and len(word) <= SHORT for word in name.words):
        return False
    return bool(rare)


def _after_title(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    cue = match.group("cue")
    word = cue.rstrip(".")
    language = page.language[:2]
    written = said_as(word.casefold())
    if cue.casefold() in _not_titles(language) or (word not in written and word.isupper() is False):
        return
    if word.isupper() and word not in written and (len(word) < 2 or word == "MS"):
        return
    if _is_place(page, match.start()) or _is_author(page, match):
        return
    if match.group("dot") and len(word) > LONGEST_ABBREVIATION:
        return  # “She told the doctor. Nobody came.”
    gap = GAP.match(page.text, match.end()) or _wrapped(page, match.end())
    first = gap.end() if gap else match.end()
    name = read_name(page, _past_titles(page, first)[0]) or read_name(page, first)
    if name and not (len(name.words[0]) == 1 and len(name.words) == 1):
        yield page.found(IdentifierKind.PERSON, match.start(), name.end, 0.95)


@cache
def said_as(word: str) -> frozenset[str]:
    """Return the ways in which the title is written, without its dot."""
    titles = (title.rstrip(".") for titles in said()["titles"].values() for title in titles)
    return frozenset(title for title in titles if title.casefold() == word)


@cache
def _not_titles(language: str) -> frozenset[str]:
    words: list[str] = said()["not_titles"].get(language, [])
    return frozenset(form for word in words for form in (word, word.rstrip(".")))


def _is_author(page: Page, match: "re.Match[str]") -> bool:
    """Return whether an initial belongs to the name before it: “Diallo M. Prevalence of …”."""
    return len(match.group("cue").rstrip(".")) == 1 and bool(
        re.search(r"[^\W\d_]{2,},?[ \t]{1,2}$", page.before(match.start()))
        and page.before(match.start()).rstrip(", \t").rpartition(" ")[2][:1].isupper()
    )


def _after_person_word(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    cue = " ".join(match.group("cue").casefold().split())
    role = roles("people")[cue]
    called = CALLED.match(page.text, match.end())
    at = called.end() if called else match.end()
    gap = GAP.match(page.text, at) or _wrapped(page, at)
    gap = gap or (None if called else PAUSE.match(page.text, at))
    if gap is None or _is_place(page, match.start()):
        return
    paused = page.text[at] in ":,"
    first, titled = _past_titles(page, gap.end())
    initials = INITIALS.match(page.text, first)
    if initials:
        yield page.found(IdentifierKind.PERSON, *initials.span(), 0.8)
        return
    name = read_name(page, first)
    set_off = paused and page.text[at] == "," and name and page.text[name.end : name.end + 1] == ","
    if name is None or (len(name.words) == 1 and ((paused and not set_off) or cue in CASES)):
        return
    belongs = cue.endswith((" of", " de", " wa", "b/o"))
    if not (titled or _is_somebody(page, name) or (belongs and len(name.words) > 1)):
        return
    if page.before(name.start, 120).startswith("#") and not (titled or belongs or called):
        return  # a heading has capitals of its own: “Mother Knows Best”
    inside = not paused and cue not in CASES and (belongs or (role in PART_OF_NAME and not called))
    start = match.start() if inside else gap.end()
    sure = belongs or called or titled or len(name.words) > 1
    yield page.found(IdentifierKind.PERSON, start, name.end, 0.9 if sure else 0.7)


def _past_titles(page: Page, at: int) -> tuple[int, bool]:
    """Return where a name begins behind titles such as “Dr. Mrs”, and whether there are any."""
    first = at
    for _ in range(MOST_TITLES):
        title = TITLE.match(page.text, at)
        if title is None or not title.group()[0].isupper():
            break
        gap = GAP.match(page.text, title.end())
        at = gap.end() if gap else title.end()
    return at, at > first


def _after_label(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    before = _previous(page, match.start()).casefold()
    if before and before not in roles("people"):
        return
    name = read_name(page, _past_titles(page, match.end())[0])
    if name is None or name.tail in _no_name() or not LABEL_END.match(page.text, name.end):
        return
    if len(name.words) == 1 and (match.group("sign") != ":" or not _is_somebody(page, name)):
        return
    if match.group("sign") in "–—-" and page.before(match.start()).strip(" \t*_-|•·"):
        return
    yield page.found(IdentifierKind.PERSON, match.end(), name.end, 0.9)


def _after_signature(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    name = read_name(page, match.end())
    if name and len(name.words) > 1 and name.tail not in _no_name() and _is_somebody(page, name):
        yield page.found(IdentifierKind.PERSON, name.start, name.end, 0.75)


def _after_called(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    """Find the name in “a girl of fourteen, named Neusa”."""
    before = page.before(match.start(), 60).casefold()
    people = {"".join(c for c in word if c.isalpha()) for word in before.split()}
    name = read_name(page, match.end())
    if name and people & roles("people").keys() and _is_somebody(page, name):
        yield page.found(IdentifierKind.PERSON, name.start, name.end, 0.85)


def _after_introduction(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    name = read_name(page, match.end())
    if name and _is_somebody(page, name):
        yield page.found(IdentifierKind.PERSON, name.start, name.end, 0.9)


def _attended(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    """Find the names in “Present: A. Banda, Sr Phiri and the driver, Gift Zulu”."""
    if page.before(match.start()).strip(" \t*_-|"):
        return
    at = match.end()
    for _ in range(MOST_ATTENDED):
        first, titled = _past_titles(page, at)
        name = read_name(page, first)
        if name and (titled or (len(name.words) > 1 and _is_somebody(page, name))):
            yield page.found(IdentifierKind.PERSON, at, name.end, 0.8)
        rest = REST_OF_ENTRY.match(page.text, name.end if name else at)
        following = AND.match(page.text, rest.end() if rest else at)
        if following is None:
            return
        at = following.end()


def _around_of(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    """Find both names in “Anjali w/o Ramesh Ahirwar”."""
    name = read_name(page, match.end())
    if name and name.words:
        yield page.found(IdentifierKind.PERSON, name.start, name.end, 0.85)
    before = OF_WHOM.search(page.before(match.start(), 70))
    words: list[str] = []
    for word in reversed(before.group().split() if before else []):
        if not word[0].isupper() or word.casefold() in _no_name():
            break
        words.insert(0, word)
    start = match.start() - len(" ".join(words)) - 1
    if name and words and page.text[start : match.start() - 1] == " ".join(words):
        yield page.found(IdentifierKind.PERSON, start, match.start() - 1, 0.85)


def _before_suffix(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    if not match.group()[0].isupper():
        return
    before = re.search(r"(?:[^\W\d_][\w’'-]{1,30}[ \t]){1,2}$", page.before(match.start(), 70))
    words = before.group().split() if before else []
    while words and (not words[0][0].isupper() or words[0].casefold() in _no_name()):
        words.pop(0)
    if words and before:
        start = match.start() - len(before.group()) + before.group().index(words[0])
        yield page.found(IdentifierKind.PERSON, start, match.end(), 0.85)


def _before_age(page: Page, match: "re.Match[str]") -> Iterator[Identifier]:
    before = page.before(match.start(), 110)
    aged = AGE_BEFORE.search(before)
    if aged is None or LATER.match(page.text, match.end()):
        return
    words: list[str] = []
    for word in reversed(aged.group("name").split()):
        if not word[0].isupper() or word.casefold() in _no_name():
            break
        words.insert(0, word)
    if len(words) < 2:
        return
    end = match.start() - len(before) + aged.end("name")
    start = end - len(" ".join(words))
    if page.text[start:end] == " ".join(words) and _previous(page, start) not in {
        "in",
        "In",
        "en",
        "En",
        "au",
        "em",
    }:
        yield page.found(IdentifierKind.PERSON, start, end, 0.8)


def listen_for_people(cues: Cues) -> None:
    """Add the rules that find names."""
    words = said()
    listen(cues, roles("titles"), _after_title, then=TITLE_WITH_GAP)
    listen(cues, roles("people"), _after_person_word, then=PARTICLE_OR_SPACE)
    listen(cues, words["labels"], _after_label, then=LABEL_THEN)
    listen(cues, words["signed"], _after_signature, then=r"(?!\w)[ \t*_]{0,4}:?[ \t*_|]{1,6}")
    listen(cues, words["called"], _after_called, then=r"(?!\w):?[ \t*_]{1,6}")
    listen(cues, words["introduced"], _after_introduction, then=r"(?!\w):?[ \t*_]{1,6}")
    listen(cues, words["attended"], _attended, then=r"(?!\w)[ \t*_]{0,3}:[ \t*_\n-]{1,6}")
    listen(cues, ["w/o", "d/o", "s/o", "h/o"], _around_of, then=r"(?!\w)\.?[ ]{1,2}")
    listen(cues, words["suffixes"], _before_suffix)
    listen(cues, words["ages"], _before_age)


def said_again(page: Page, names: Iterable[str]) -> Iterator[Identifier]:
    """Yield where a part of one of the names stands again without what announced it."""
    parts = {
        word.strip(".")
        for name in names
        for word in name.split()
        if word[0].isupper() and _may_stand_alone(page, word.strip("."))
    }
    if not parts:
        return
    run: list[re.Match[str]] = []
    for match in WORD.finditer(page.text):
        if match.group() not in parts:
            continue
        if run and GAP.fullmatch(page.text, run[-1].end(), match.start()):
            run.append(match)
            continue
        yield from _run(page, run)
        run = [match]
    yield from _run(page, run)


def _may_stand_alone(page: Page, word: str) -> bool:
    low = word.casefold()
    known = low in _no_name() or low in roles("titles") or low in roles("people")
    return len(word) > 3 and not known and low not in page.common and low not in folded("suffixes")


def _run(page: Page, run: list["re.Match[str]"]) -> Iterator[Identifier]:
    if not run:
        return
    start, end = run[0].start(), run[-1].end()
    name = read_name(page, start)
    before = _previous(page, start)
    named_place = before.casefold() in folded("place_heads")
    if name and not named_place and page.text[end : end + 1] not in tuple("-/"):
        yield page.found(IdentifierKind.PERSON, start, max(end, name.end), 0.6)
