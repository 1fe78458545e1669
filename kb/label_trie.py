"""All labels of a taxonomy as a trie over folded words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from kb.folding import fold, plain, tokens
from kb.taxonomy import Ambiguity, Taxonomy, Term

# First parts that are written apart, with a hyphen or in one: post-natal, breast feeding.
PREFIXES = ("ante", "anti", "intra", "micro", "multi", "neo", "non", "peri", "pos", "post", "pre")
NOUNS = ("birth", "breast", "check", "child", "hand", "health", "new", "still")
FIRST_PARTS = frozenset((*PREFIXES, *NOUNS))
REST_FROM = 4  # letters after a first part


class Kind(StrEnum):
    """How a concept was named."""

    PREF = "pref"
    ALT = "alt"
    ABBR = "abbr"
    HIDDEN = "hidden"
    ASKED = "asked"
    FUZZY = "fuzzy"


class Entry(NamedTuple):
    """A label in the trie, and the concept it names."""

    notation: str
    label: str
    language: str
    kind: Kind


@dataclass(slots=True, eq=False)
class Node:
    """A place in the trie: the labels that end here, and the words that lead on."""

    next: dict[str, "Node"] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    ambiguity: Ambiguity | None = None

    def at(self, forms: Iterable[str]) -> "Node":
        """Return the node where these words lead, made if need be."""
        node = self
        for form in forms:
            node = node.next.setdefault(form, Node())
        return node


def grow(taxonomy: Taxonomy, *, question: bool) -> Node:
    """Return the trie of all labels; those of a retired concept name its replacement.

    Plain words that mean a concept only in a `question` are left out of any other.
    """
    root = Node()
    for term in taxonomy:
        notation = taxonomy.current(term.notation)
        for kind, language, label in labels_of(term) if notation else ():
            if kind is Kind.ASKED and not question:
                continue
            for forms in variants(label, kind):
                root.at(forms).entries.append(Entry(str(notation), label, language, kind))
    for ambiguity in taxonomy.ambiguous.values():
        node = root.at(token.form for token in tokens(ambiguity.label))
        node.ambiguity = ambiguity
        node.entries = _candidates(ambiguity, node.entries, taxonomy)
    return root


def words_of(taxonomy: Taxonomy) -> Counter[str]:
    """Return the folded words of all labels that are words, and how often each stands in one."""
    return Counter(
        form
        for term in taxonomy
        for kind, _, label in labels_of(term)
        if kind is not Kind.ABBR
        for forms in variants(label, kind)
        for form in forms
    )


def labels_of(term: Term) -> Iterator[tuple[Kind, str, str]]:
    """Yield kind, language and text of each label, the preferred ones first."""
    yield from ((Kind.PREF, language, label) for language, label in term.pref.items())
    for kind, by_language in (
        (Kind.ALT, term.alt),
        (Kind.ABBR, term.abbr),
        (Kind.HIDDEN, term.hidden),
        (Kind.ASKED, term.asked),
    ):
        for language, labels in by_language.items():
            yield from ((kind, language, label) for label in labels)


def variants(label: str, kind: Kind) -> set[tuple[str, ...]]:
    """Return the folded words of a label: as written, and its compounds in one and apart."""
    words = [token.surface for token in tokens(label)]
    if kind is Kind.ABBR:
        return {tuple(map(fold, words))}
    return {tuple(map(fold, some)) for some in (words, _in_one(words), _apart(words))}


def _in_one(words: list[str]) -> list[str]:
    joined: list[str] = []
    for word in words:
        if joined and plain(joined[-1]) in FIRST_PARTS and len(word) >= REST_FROM:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _apart(words: list[str]) -> list[str]:
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    for cut in range(len(word) - REST_FROM, 2, -1):
        if plain(word[:cut]) in FIRST_PARTS:
            return [word[:cut], word[cut:]]
    return [word]


def _candidates(ambiguity: Ambiguity, entries: Iterable[Entry], taxonomy: Taxonomy) -> list[Entry]:
    """Return an entry for each thing the letters may mean, in each language they are read in."""
    kind = Kind.ALT if ambiguity.label.islower() else Kind.ABBR
    languages = ambiguity.languages or tuple(dict.fromkeys(e.language for e in entries)) or ("en",)
    return [
        Entry(candidate, ambiguity.label, language, kind)
        for candidate in ambiguity.candidates
        if taxonomy.current(candidate) == candidate
        for language in languages
    ]
