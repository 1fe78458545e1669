"""Read a concept file into statements that remember the line they stand on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from kb.errors import NotFoundError


class Place(NamedTuple):
    """Where something stands; lines count from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problem(NamedTuple):
    """A rule that a file breaks."""

    place: Place
    concept: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.concept}: {self.message}"


class Statement(NamedTuple):
    """One fact of a file: `subject` has, under `predicate`, the `value`.

    `key` is the language of a label, or the name of the list a mapping comes from; else empty.
    """

    subject: str
    predicate: str
    key: str
    value: str
    place: Place


class Shape(NamedTuple):
    """How the value under a key is written: `{fr: …}` or plain, one text or `[several, texts]`."""

    keyed: bool
    several: bool


TEXT = Shape(keyed=False, several=False)
LIST = Shape(keyed=False, several=True)
TEXT_BY_KEY = Shape(keyed=True, several=False)
LIST_BY_KEY = Shape(keyed=True, several=True)

CONCEPT = {
    "id": TEXT,
    "broader": LIST,
    "pref": TEXT_BY_KEY,
    "alt": LIST_BY_KEY,
    "abbr": LIST_BY_KEY,
    "hidden": LIST_BY_KEY,
    "asked": LIST_BY_KEY,
    "related": LIST,
    "mesh": LIST,
    "icd10": LIST,
    "sources": LIST_BY_KEY,
    "exact_match": LIST,
    "who_std": LIST,
    "deprecated": TEXT,
    "replaced_by": TEXT,
}
FACET_VALUE = {"id": TEXT, "pref": TEXT_BY_KEY, "alt": LIST_BY_KEY, "group": TEXT}
AMBIGUITY = {
    "label": TEXT,
    "candidates": LIST,
    "default": LIST,
    "languages": LIST,
    "by_language": LIST_BY_KEY,
    "cues": LIST_BY_KEY,
    "needs_cue": TEXT,
    "note": TEXT,
}
SCHEME = {
    "id": TEXT,
    "version": TEXT,
    "languages": LIST,
    "spelling": TEXT,
    "review_needed": LIST,
}
SECTIONS = ("scheme", "abbr_case_sensitive", "ambiguous", "topics", "interventions", "facets")
OWN = "own"  # in the place of a file: what the library's curators added, line by line in time
LABELS = ("pref", "alt", "abbr", "hidden", "asked")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class ConceptFile:
    """What a file says, section by section, and what in it could not be read."""

    path: Path
    sections: Mapping[str, list[Statement]] = field(
        default_factory=lambda: {section: [] for section in SECTIONS}
    )
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_own(self) -> bool:
        """Whether it is no file, but what the library's curators added."""
        return str(self.path) == OWN


def read(path: Path) -> ConceptFile:
    """Return what the file says; whatever does not fit the shape is among its problems.

    The first statement about a concept is that it stands here: predicate `in_scheme`.
    YAML's guesses are not asked: `no` is the language, and the answer No is a label.

    Raises:
        NotFoundError: there is no such file.
    """
    reader = _Reader(ConceptFile(path))
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError as error:
        raise NotFoundError(
            f"There is no taxonomy file {path}.", hint="Correct KB_TAXONOMY."
        ) from error
    except UnicodeDecodeError as error:
        reader.refuse(1, "file", f"is not UTF-8 text: {error.reason}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reader.refuse(mark.line + 1 if mark else 1, "file", f"is not YAML: {error.problem}")
    except yaml.YAMLError as error:
        reader.refuse(1, "file", f"is not YAML: {error}")
    else:
        if root is not None:
            reader.sections(root)
    return reader.file


@dataclass(frozen=True, slots=True)
class _Reader:
    file: ConceptFile

    def place(self, line: int) -> Place:
        return Place(str(self.file.path), line)

    def refuse(self, line: int, subject: str, message: str) -> None:
        self.file.problems.append(Problem(self.place(line), subject, message))

    def sections(self, root: Node) -> None:
        for name, line, node in self.pairs(root, "file"):
            said = self.file.sections.get(name)
            if said is None:
                self.refuse(line, "file", f"unknown section “{name}”; known are {_list(SECTIONS)}")
            elif name == "scheme":
                said.extend(self.entry(node, SCHEME, name))
            elif name == "abbr_case_sensitive":
                said.extend(self.facts(node, LIST_BY_KEY, name, name))
            elif name == "facets":
                said.extend(self.facets(node))
            elif name == "ambiguous":
                said.extend(self.entries(node, AMBIGUITY, name, "label"))
            else:
                said.extend(self.entries(node, CONCEPT, name, "id"))

    def facets(self, root: Node) -> Iterator[Statement]:
        for facet, _, node in self.pairs(root, "facets"):
            yield Statement(facet, "facet", "", facet, self.place(_line(node)))
            for key, line, value in self.pairs(node, facet):
                if key == "values":
                    for said in self.entries(value, FACET_VALUE, facet, "id"):
                        yield said._replace(subject=f"{facet}/{said.subject}")
                elif key != "note":
                    self.refuse(line, facet, f"unknown key “{key}”; known are note and values")

    def entries(
        self, root: Node, shapes: Mapping[str, Shape], section: str, name: str
    ) -> Iterator[Statement]:
        """Yield each entry of a list, led by the statement that it stands in the section."""
        if not isinstance(root, SequenceNode):
            self.refuse(_line(root), section, "must be a list of entries")
            return
        for node in root.value:
            said = self.entry(node, shapes, section)
            named = [s for s in said if s.predicate == name]
            if not named:
                self.refuse(_line(node), section, f"an entry has no {name}")
                continue
            subject = named[0].value
            yield Statement(subject, "in_scheme", "", section, named[0].place)
            yield from (s._replace(subject=subject) for s in said if s.predicate != name)

    def entry(self, node: Node, shapes: Mapping[str, Shape], subject: str) -> list[Statement]:
        said: list[Statement] = []
        subject = _name(node) or subject
        for key, line, value in self.pairs(node, subject):
            if key in shapes:
                said.extend(self.facts(value, shapes[key], subject, key))
            else:
                self.refuse(line, subject, f"unknown key “{key}”; known are {_list(shapes)}")
        return said

    def facts(self, node: Node, shape: Shape, subject: str, key: str) -> Iterator[Statement]:
        if not shape.keyed:
            yield from self.texts(node, shape, Statement(subject, key, "", "", self.place(0)))
            return
        for name, line, value in self.pairs(node, subject):
            if key in LABELS and not LANGUAGE.fullmatch(name):
                self.refuse(line, subject, f"“{name}” under {key} is not a language, such as fr")
            yield from self.texts(value, shape, Statement(subject, key, name, "", self.place(0)))

    def texts(self, node: Node, shape: Shape, said: Statement) -> Iterator[Statement]:
        nodes = node.value if shape.several and isinstance(node, SequenceNode) else [node]
        if shape.several is not isinstance(node, SequenceNode) or not all(map(_is_text, nodes)):
            wanted = "a list of texts in [ ]" if shape.several else "one text"
            self.refuse(_line(node), said.subject, f"{said.predicate} must be {wanted}")
            return
        for text in nodes:
            yield said._replace(value=text.value, place=self.place(_line(text)))

    def pairs(self, node: Node, subject: str) -> list[tuple[str, int, Node]]:
        if not isinstance(node, MappingNode):
            self.refuse(_line(node), subject, "must be written as key: value")
            return []
        pairs = [(str(key.value), _line(key), value) for key, value in node.value]
        seen: set[str] = set()
        for key, line, _ in pairs:
            if key in seen:
                self.refuse(line, subject, f"the key “{key}” stands twice")
            seen.add(key)
        return pairs


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _name(node: Node) -> str:
    """Return what an entry calls itself; empty when it does not."""
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((v.value for k, v in pairs if k.value in ("id", "label") and _is_text(v)), "")


def _is_text(node: Node) -> bool:
    return isinstance(node, ScalarNode) and bool(node.value.strip())


def _list(names: Mapping[str, Shape] | tuple[str, ...]) -> str:
    return ", ".join(names)
