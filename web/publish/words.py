"""What the search of a copy knows: a list of words for every 64 records, and the concepts.

A browser opens no files beside a page that lies on a stick, but it runs scripts: each list is a
script that hands over one value. Words are folded as everywhere here; the browser gets the same
rules (`kb.folding`) and folds the question by them.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from kb.folding import ENDINGS, LIGATURES, PLURALS, SPELLING_FROM, SPELLINGS, plain, tokens
from kb.markup import to_text
from kb.taxonomy import Taxonomy, Term
from kb.vocabulary import TagStatus
from search.stopwords import STOP_WORDS
from web.catalogue import PublicRecord

# Which of up to 64 records of a list a word is in, as one letter.
PLACES: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
SHELF: Final = len(PLACES)  # records of which one list of words is made
# What a word in the title and in the summary counts, against one in the text.
# Source: what search/lexical.py weighs.
TITLE, SUMMARY, TEXT = 5, 2, 1
# How much it weighs there, from 2 on: most weigh 1, which is not written.
WEIGHTS: Final = "!#$%&'()*+,./:;<=>?@[]^`{|}~"
LAST_OF_ONE: Final = "\uffff"
SNIPPET = 180  # characters of a summary in a list


def shelf_of(record_id: int) -> int:
    """Return which list the words of a record are in; it stays the same whatever is added."""
    return record_id // SHELF


def shelf(records: Iterable[PublicRecord], taxonomy: Taxonomy) -> bytes:
    """Return the script with the cards and the words of up to 64 records."""
    cards, words = [], dict[str, list[str]]()
    numbers = {term.notation: number for number, term in enumerate(_terms(taxonomy))}
    for place, record in enumerate(sorted(records, key=lambda one: one.record_id)):
        weights = weighed(record)
        cards.append(_card(record, taxonomy, numbers, sum(weights.values())))
        for word, weight in weights.items():
            words.setdefault(word, []).append(PLACES[place] + _written(weight))
    found = zip(_in_short(sorted(words)), (words[word] for word in sorted(words)), strict=True)
    said = " ".join(f"{word} {''.join(places)}" for word, places in found)
    return script("shelf", {"records": cards, "words": said})


def _written(weight: int) -> str:
    return "" if weight == 1 else WEIGHTS[min(weight - 2, len(WEIGHTS) - 1)]


def _in_short(words: Iterable[str]) -> Iterator[str]:
    """Yield each word without the letters it begins with like the one before, but how many.

    >>> list(_in_short(["baby", "bag", "bags"]))
    ['0baby', '2g', '3s']
    """
    before = ""
    for word in words:
        alike = 0
        for one, other in zip(word, before, strict=False):
            # JavaScript counts letters beyond these as two.
            if one != other or one > LAST_OF_ONE or alike == SHELF - 1:
                break
            alike += 1
        yield PLACES[alike] + word[alike:]
        before = word


def weighed(record: PublicRecord) -> Counter[str]:
    """Return the folded words of a record and what each weighs; words of no subject left out."""
    said = record.said
    stop_words = STOP_WORDS.get(said.language.partition("-")[0], frozenset())
    weights: Counter[str] = Counter()
    for text, weight in (
        (said.title, TITLE),
        (said.summary, SUMMARY),
        *((text, TEXT) for text in _texts(record)),
    ):
        for token in tokens(text):
            if plain(token.surface) not in stop_words:
                weights[token.form] += weight
    return weights


def _texts(record: PublicRecord) -> Iterator[str]:
    said = record.said
    for section in said.sections:
        yield from (section.heading, to_text(section.body))
    for idea in said.change_ideas:
        yield from (idea.text, idea.steps, idea.evidence_note)
    yield from (measure.name for measure in said.measures)
    for place in said.places:
        yield from (place.admin1, place.admin2, place.facility)
    if said.aim:
        yield said.aim.text


def _card(
    record: PublicRecord, taxonomy: Taxonomy, numbers: Mapping[str, int], length: int
) -> list[Any]:
    """Return what a list shows of a record and filters by; the order is that of copy-search.js."""
    said = record.said
    confirmed = [tag.notation for tag in said.tags if tag.status is TagStatus.CONFIRMED]
    summary = to_text(said.summary)
    return [
        record.record_id,
        said.title,
        summary if len(summary) <= SNIPPET else summary[:SNIPPET].rpartition(" ")[0] + " …",
        said.language,
        sorted({place.country for place in said.places if place.country}),
        sorted({place.facility_type for place in said.places if place.facility_type}),
        said.start_date.year if said.start_date else 0,
        said.verdict,
        record.band,
        said.level,
        said.record_type,
        sorted(numbers[one] for one in with_broader(confirmed, taxonomy) if one in numbers),
        length,
    ]


def with_broader(notations: Iterable[str], taxonomy: Taxonomy) -> set[str]:
    """Return the concepts with all that stand above them, by which they are found too."""
    found: set[str] = set()
    waiting = [notation for notation in notations if notation in taxonomy.terms]
    while waiting:
        notation = waiting.pop()
        if notation not in found:
            found.add(notation)
            waiting += taxonomy[notation].broader
    return found


def rules(taxonomy: Taxonomy) -> bytes:
    """Return the script with how words are folded, which say nothing, and what labels mean."""
    stops = sorted({word for words in STOP_WORDS.values() for word in words})
    terms = _terms(taxonomy)
    labels: dict[str, int] = {}
    for number, term in enumerate(terms):
        for label in _labels(term):
            labels.setdefault(folded(label), number)  # of several meanings the first
    labels.pop("", None)
    return script(
        "rules",
        {
            "ligatures": {chr(code): text for code, text in LIGATURES.items()},
            "plurals": _patterns(PLURALS),
            "spellings": _patterns(SPELLINGS),
            "endings": _patterns(ENDINGS),
            "spellingFrom": SPELLING_FROM,
            "stops": " ".join(stops),
            "concepts": [term.notation for term in terms],
            "names": [" ".join(dict.fromkeys(map(folded, term.pref.values()))) for term in terms],
            "labels": "|".join(f"{label}={number}" for label, number in sorted(labels.items())),
        },
    )


def _terms(taxonomy: Taxonomy) -> list[Term]:
    """Return the concepts in the order in which cards number them."""
    return [term for term in taxonomy if not term.deprecated]


def _labels(term: Term) -> Iterator[str]:
    yield from term.pref.values()
    for kind in (term.alt, term.abbr, term.hidden, term.asked):
        for labels in kind.values():
            yield from labels


def folded(label: str) -> str:
    """Return the folded words of a label, with a space between them."""
    return " ".join(token.form for token in tokens(label))


def _patterns(known: Iterable[tuple[Any, str]]) -> list[list[str]]:
    return [[pattern.pattern, said.replace("\\1", "$1")] for pattern, said in known]


def script(name: str, value: object) -> bytes:
    """Return a script that hands a value over to copy-search.js."""
    said = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    said = said.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"copyOf.{name}({said});\n".encode()


def shelves(record_ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
    """Return the records by the list that they are in."""
    found: dict[int, list[int]] = {}
    for record_id in sorted(record_ids):
        found.setdefault(shelf_of(record_id), []).append(record_id)
    return found
