"""Find the concepts of the taxonomy in a text or a question by their labels, in any language."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple
from weakref import WeakValueDictionary

from kb.folding import Token, fold, plain, tokens
from kb.label_trie import Entry, Kind, Node, grow, labels_of, words_of
from kb.spelling import Guess, Speller
from kb.taxonomy import Ambiguity, Taxonomy

# Between two words of one label nothing of this may stand: the end of a sentence, a cell, a bullet.
BREAK = re.compile(r"[.;:!?|•\t…()\[\]{}]|\n\s*(?:\n|[-*#>+])")
CONNECTOR = re.compile(r"\s*[-‐‑–/&+]\s*")  # in C/S, L & D, G-ANC
CUE_WINDOW = 8  # tokens on either side
SHOUT_WINDOW = 2  # tokens on either side
LONE_GUESS_FROM = 7  # letters: a guess that is a whole label must be long and one edit away
BETWEEN = 1  # other words among those of a label in another order
SHOUT_FROM = 5  # letters: a word this long in capitals is no abbreviation


@dataclass(frozen=True, slots=True)
class Match:
    """A concept named in a text: `text` is `original[start:end]`, `label` is the taxonomy's."""

    notation: str
    label: str
    language: str
    start: int
    end: int
    text: str
    kind: Kind


class FacetName(NamedTuple):
    """A name of a value of a facet, such as level: facility."""

    forms: tuple[str, ...]  # folded words
    facet: str
    value: str


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to `end` (exclusive) of a text, and the node they lead to."""

    start: int
    end: int
    node: Node


@dataclass(frozen=True, slots=True)
class Reading:
    """A text being read: its tokens, where a label may not run on, and what is known of it."""

    text: str
    tokens: Sequence[Token]
    breaks: Sequence[bool]  # whether one stands before the token
    language: str  # primary subtag; empty when unknown
    question: bool
    guesses: Mapping[int, Guess] = field(default_factory=dict)  # by token
    foreign: bool = False  # whether words of other languages count as labels too

    def surface(self, span: Span) -> str:
        """Return the span as it stands in the text."""
        return self.text[self.tokens[span.start].start : self.tokens[span.end - 1].end]

    def guess(self, span: Span) -> Guess | None:
        """Return the guess that the span rests on, of its first guessed word."""
        guesses = map(self.guesses.get, range(span.start, span.end) if self.guesses else ())
        return next(filter(None, guesses), None)

    def is_alone(self, span: Span) -> bool:
        """Whether the span is the whole question."""
        return self.question and span.start == 0 and span.end == len(self.tokens)

    def is_shouted(self, span: Span) -> bool:
        """Whether capitals mean nothing here: a line of capitals, not an abbreviation."""
        near = self.around(span, SHOUT_WINDOW)
        words = [t.surface for t in near if any(c.isalpha() for c in t.surface)]
        long = any(len(word) >= SHOUT_FROM for word in words)
        return long and all(word.isupper() for word in words)

    def around(self, span: Span, window: int) -> list[Token]:
        """Return the tokens near the span, without its own."""
        before = self.tokens[max(0, span.start - window) : span.start]
        return [*before, *self.tokens[span.end : span.end + window]]


# By the identity of the taxonomy, which its labels keep alive: gone when nobody has them any more.
_SHARED: WeakValueDictionary[int, "Labels"] = WeakValueDictionary()


@dataclass(frozen=True)
class Labels:
    """All labels of a taxonomy as tries over folded words."""

    taxonomy: Taxonomy
    cues: Mapping[tuple[str, str], frozenset[str]]  # (ambiguous label, candidate) → folded words
    speller: Speller

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> "Labels":
        """Return the labels of the taxonomy; those of a retired concept name its replacement.

        Whoever asks for those of the same taxonomy shares them: to read them all takes a while.
        """
        known = _SHARED.get(id(taxonomy))
        if known is None:
            known = _SHARED[id(taxonomy)] = cls._read(taxonomy)
        return known

    @classmethod
    def _read(cls, taxonomy: Taxonomy) -> "Labels":
        return cls(
            taxonomy=taxonomy,
            cues={
                (ambiguity.label, candidate): frozenset(map(fold, cues))
                for ambiguity in taxonomy.ambiguous.values()
                for candidate, cues in ambiguity.cues.items()
            },
            speller=Speller(words_of(taxonomy)),
        )

    @cached_property
    def told(self) -> Node:
        """The labels that are looked for in a document."""
        return grow(self.taxonomy, question=False)

    @cached_property
    def asked(self) -> Node:
        """The labels that are looked for in a question: also the plain words of who asks."""
        return grow(self.taxonomy, question=True)

    @cached_property
    def facet_names(self) -> tuple[FacetName, ...]:
        """What the values of the facets are called, in every language."""
        return tuple(
            FacetName(tuple(token.form for token in tokens(label)), facet, value.id)
            for facet, values in self.taxonomy.facets.items()
            for value in values
            for label in (*value.pref.values(), *chain.from_iterable(value.alt.values()))
        )

    @cached_property
    def languages(self) -> Mapping[str, frozenset[str]]:
        """In which languages a word, without case and accents, stands in a label."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for term in self.taxonomy:
            for kind, language, label in labels_of(term):
                if kind is not Kind.ABBR:
                    for token in tokens(label):
                        found[plain(token.surface)].add(language)
        return {word: frozenset(languages) for word, languages in found.items()}

    def expansions(self, notation: str) -> tuple[str, ...]:
        """Return the labels of a concept in all languages, the English ones first.

        Misspelt (hidden) labels are left out, and abbreviations that are also ordinary words.

        Raises:
            NotFoundError: the taxonomy has no such concept.
        """
        found = [
            (language, label)
            for kind, language, label in labels_of(self.taxonomy[notation])
            if kind is not Kind.HIDDEN and label.upper() not in self.taxonomy.abbr_case_sensitive
        ]
        found.sort(key=lambda pair: _rank(pair[0], ("en",)))
        return tuple(dict.fromkeys(label for _, label in found))

    def find(
        self,
        text: str,
        *,
        language: str | None = None,
        question: bool = False,
        fuzzy: bool = False,
        known: Container[str] = (),
    ) -> list[Match]:
        """Return the concepts named in the text, in its order; the longest of overlapping labels.

        A label that names a topic and an intervention gives two matches at the same place. Time is
        linear in the text. `language` is BCP 47. In a `question` an abbreviation alone counts in
        any case, and when nothing is found in its language, words of the others count too;
        `fuzzy` corrects words of five letters and more that stand in no label and are not among
        the `known` words (lower case) of the library.
        """
        reading = _read(text, (language or "").partition("-")[0].lower(), question=question)
        if fuzzy:
            reading = replace(reading, guesses=self._guesses(reading, known))
        matches = self._matches(reading)
        if question and reading.language and not matches:
            matches = self._matches(replace(reading, foreign=True))
        if question:
            matches += self._scattered(reading, matches)
            matches.sort(key=lambda match: match.start)
        return matches

    def _scattered(self, reading: Reading, matches: Sequence[Match]) -> Iterator[Match]:
        """Yield the labels whose words all stand near each other, in another order.

        People turn words round, and put others between: babies cold, cold small babies.
        """
        taken = bytearray(len(reading.tokens))
        starts = [token.start for token in reading.tokens]
        for match in matches:
            first, last = bisect_left(starts, match.start), bisect_left(starts, match.end)
            taken[first:last] = b"\x01" * (last - first)
        for at, token in enumerate(reading.tokens):
            for entry, forms in self._loose.get(token.form, ()):
                if entry.language not in ("en", reading.language) and reading.language:
                    continue
                span = _near(forms, at, reading, taken)
                if span is not None:
                    taken[span.start : span.end] = b"\x01" * (span.end - span.start)
                    yield _match(entry, span, reading)
                    break

    @cached_property
    def _loose(self) -> Mapping[str, Sequence[tuple[Entry, frozenset[str]]]]:
        """Labels of two words and more by the rarest of them, the longest first."""
        found: defaultdict[str, list[tuple[Entry, frozenset[str]]]] = defaultdict(list)
        for term in self.taxonomy:
            notation = self.taxonomy.current(term.notation)
            for kind, language, label in labels_of(term) if notation else ():
                forms = frozenset(token.form for token in tokens(label))
                if kind in (Kind.PREF, Kind.ALT, Kind.ASKED) and len(forms) > 1:
                    rarest = min(forms, key=lambda form: (self.speller.words.get(form, 0), form))
                    found[rarest].append((Entry(str(notation), label, language, kind), forms))
        for labels in found.values():
            labels.sort(key=lambda pair: -len(pair[1]))
        return dict(found)

    def _guesses(self, reading: Reading, known: Container[str]) -> dict[int, Guess]:
        return {
            at: guess
            for at, token in enumerate(reading.tokens)
            if token.surface.casefold() not in known
            and (guess := self.speller.guess(token.form, letters=len(plain(token.surface))))
        }

    def _matches(self, reading: Reading) -> list[Match]:
        spans = _longest(list(self._spans(reading)), len(reading.tokens))
        plain_ones = {s: self._chosen(s, reading) for s in spans if s.node.ambiguity is None}
        named = {entry.notation for entries in plain_ones.values() for entry in entries}
        return [
            _match(entry, span, reading)
            for span in spans
            for entry in (
                self._decided(span, span.node.ambiguity, reading, named)
                if span.node.ambiguity
                else plain_ones[span]
            )
        ]

    def _spans(self, reading: Reading) -> Iterator[Span]:
        """Yield every run of tokens that is a label here: at most as many as labels are deep."""
        root = self.asked if reading.question else self.told
        for start in range(len(reading.tokens)):
            nodes = [root]
            for at in range(start, len(reading.tokens)):
                if at > start and reading.breaks[at]:
                    break
                guess = reading.guesses.get(at)
                forms = guess.words if guess else (reading.tokens[at].form,)
                nodes = [n.next[form] for n in nodes for form in forms if form in n.next]
                if not nodes:
                    break
                spans = (Span(start, at + 1, node) for node in nodes)
                yield from (span for span in spans if self._counts(span, reading))

    def _counts(self, span: Span, reading: Reading) -> bool:
        ambiguity = span.node.ambiguity
        guess = reading.guess(span)
        if guess and span.end - span.start == 1:
            word = reading.tokens[span.start].surface
            if guess.edits > 1 or len(word) < LONE_GUESS_FROM:
                return False
        only = ambiguity.languages if ambiguity else ()
        if only and reading.language not in ("", *only):
            return False
        return any(self._is_admitted(entry, span, reading) for entry in span.node.entries)

    def _is_admitted(self, entry: Entry, span: Span, reading: Reading) -> bool:
        is_at_home = reading.foreign or reading.language in ("", entry.language)
        is_short = entry.kind is Kind.ABBR or span.end - span.start == 1
        if entry.language != "en" and not is_at_home and is_short:
            return False  # more likely a word of the text's own language; English is everywhere
        return entry.kind is not Kind.ABBR or self._is_written(entry.label, span, reading)

    def _is_written(self, label: str, span: Span, reading: Reading) -> bool:
        """Whether the text has the abbreviation as it is written, not merely its letters."""
        if reading.guess(span):
            return False
        written, wanted = _connected(reading.surface(span)), _connected(label)
        if written.endswith("s") and written[:-1] in {wanted, wanted.upper()}:
            written = written[:-1]  # SOPs, CHWs
        if written.casefold() != wanted.casefold():
            return False
        if label.upper() not in self.taxonomy.abbr_case_sensitive or reading.is_alone(span):
            return True
        return written in {wanted, wanted.upper()} and not reading.is_shouted(span)

    def _chosen(self, span: Span, reading: Reading) -> list[Entry]:
        """Return one entry a scheme: of the text's language, else English, else the first."""
        best: dict[str, Entry] = {}
        for entry in self._admitted(span, reading):
            best.setdefault(self.taxonomy[entry.notation].scheme, entry)
        return list(best.values())

    def _decided(
        self, span: Span, ambiguity: Ambiguity, reading: Reading, named: set[str]
    ) -> list[Entry]:
        meaning = self._meaning(span, ambiguity, reading, named)
        best: dict[str, Entry] = {}
        for entry in self._admitted(span, reading):
            if entry.notation in meaning:
                best.setdefault(entry.notation, entry)
        return list(best.values())

    def _admitted(self, span: Span, reading: Reading) -> list[Entry]:
        admitted = [e for e in span.node.entries if self._is_admitted(e, span, reading)]
        return sorted(admitted, key=lambda e: _rank(e.language, (reading.language, "en")))

    def _meaning(
        self, span: Span, ambiguity: Ambiguity, reading: Reading, named: set[str]
    ) -> tuple[str, ...]:
        """Return what the letters mean: by cue, by what else is named, by language, by default."""
        near = {token.form for token in reading.around(span, CUE_WINDOW)}
        cued = {
            candidate: len(near & self.cues.get((ambiguity.label, candidate), frozenset()))
            for candidate in ambiguity.candidates
        }
        strongest = [c for c, n in cued.items() if n and n == max(cued.values())]
        if len(strongest) == 1:
            return tuple(strongest)
        also_named = [c for c in ambiguity.candidates if c in named]
        if len(also_named) == 1:
            return tuple(also_named)
        is_doubtful = ambiguity.needs_cue or (ambiguity.languages and not reading.language)
        if is_doubtful and not strongest and not also_named and not reading.is_alone(span):
            return ()
        return ambiguity.by_language.get(reading.language, ambiguity.default)


def _read(text: str, language: str, *, question: bool) -> Reading:
    words = list(tokens(text))
    ends = [0, *(word.end for word in words)]
    breaks = [
        text[end : word.start] != " " and BREAK.search(text, end, word.start) is not None
        for end, word in zip(ends, words, strict=False)
    ]
    return Reading(text, words, breaks, language, question)


def _near(forms: frozenset[str], at: int, reading: Reading, taken: Sequence[int]) -> Span | None:
    """Return the shortest run of free tokens around `at` that has all the forms, if it is short."""
    longest = len(forms) + BETWEEN
    for start in range(max(0, at - longest + 1), at + 1):
        missing = set(forms)
        for end in range(start, min(start + longest, len(reading.tokens))):
            if taken[end] or (end > start and reading.breaks[end]):
                break
            missing.discard(reading.tokens[end].form)
            if not missing and end >= at and reading.tokens[start].form in forms:
                return Span(start, end + 1, Node())
    return None


def _longest(spans: list[Span], length: int) -> list[Span]:
    """Return the spans that overlap no longer one, nor an equally long one before; in text order.

    Sorted by counting, so linear: no label is longer than the longest in the taxonomy.
    """
    by_length: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        by_length[span.end - span.start].append(span)
    at: dict[int, Span] = {}
    taken = bytearray(length)
    for tokens_long in sorted(by_length, reverse=True):
        for span in by_length[tokens_long]:
            if not any(taken[span.start : span.end]):
                taken[span.start : span.end] = b"\x01" * tokens_long
                at[span.start] = span
    return [at[start] for start in range(length) if start in at]


def _match(entry: Entry, span: Span, reading: Reading) -> Match:
    return Match(
        notation=entry.notation,
        label=entry.label,
        language=entry.language,
        start=reading.tokens[span.start].start,
        end=reading.tokens[span.end - 1].end,
        text=reading.surface(span),
        kind=Kind.FUZZY if reading.guess(span) else entry.kind,
    )


def _connected(text: str) -> str:
    """Return an abbreviation with one sign for all that may join its letters: C/S, c-s, L & D."""
    return CONNECTOR.sub("/", text).rstrip("/")


def _rank(language: str, order: Sequence[str]) -> int:
    return order.index(language) if language in order else len(order)
