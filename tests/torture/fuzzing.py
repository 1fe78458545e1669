"""What strangers send: everything here either reads it or refuses it with a reason.

`TARGETS` names the parsers, what each is given to begin with, and how it may refuse. A short run
stands in `test_fuzzing.py`; `python -m benchmarks.fuzzing` gives each a million inputs.
"""

import functools
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import parse_qsl

from openpyxl import Workbook
from starlette.requests import Request

from ingest import numerals, pasted, periods
from ingest.readers import Limits, html, references, rtf, sheet, text
from ingest.readers.sniffing import sniff
from kb import exchange, identifiers, markup, taxonomy, term_sheet, term_skos
from kb.errors import InvalidError, KBError
from kb.labels import Labels
from search.understand import LONGEST, understand
from web.i18n import chosen
from web.oai import arguments, tokens
from web.oai.arguments import OaiError
from web.preconditions import require_match
from web.signing_in import within
from web.speaking import JSON, PROBLEM, best

LIMITS = Limits(text_bytes=100_000, rows=500, ocr=False)
# What breaks readers: ends, signs that mean something, numbers at their limits, other scripts.
SPICES = (
    *(sign.encode() for sign in "\0\"'<>%\\{}([|-&\u202e\u0663\ufeff"),
    *(b"\r\n", b"\xff", b"\xc3", b"\xed\xa0\x80", b"&#0;", b"%00", b"1e999", b"-0", b"NaN"),
    *(b"0000-00-00", b"9999-12-31T23:59:59Z", b"*" * 50, b"9" * 40, b"A" * 300, b" " * 200),
)
OFFERED = ("en", "fr", "es", "pt", "sw", "ar")


@dataclass(frozen=True, slots=True)
class Target:
    """A parser: what it does with bytes, the only ways it may refuse, and good inputs."""

    run: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...] = (KBError,)
    seeds: tuple[bytes, ...] = (b"",)

    def __call__(self, data: bytes) -> None:
        """Give it `data`; whatever it raises but its refusals is a fault."""
        try:
            self.run(data)
        except self.refuses as refusal:
            if not str(refusal):
                raise AssertionError("It refuses without a reason.") from refusal


@functools.cache
def _labels() -> Labels:
    return Labels.of(taxonomy.load(taxonomy.shipped()))


def _ask(data: bytes) -> None:
    question = understand(_text(data)[:LONGEST], _labels())
    assert len(question.suggestion) < 3 * LONGEST


def _harvest(data: bytes) -> None:
    asked = arguments.asked(parse_qsl(_text(data), keep_blank_values=True))
    arguments.window(asked.arguments)


def _token(data: bytes) -> None:
    told = _text(data)
    tokens.read(f"{tokens.digest(told)}.{told}")


def _headers(data: bytes) -> None:
    said = data.replace(b"\r", b"").replace(b"\n", b"")
    heads = [(name, said) for name in (b"accept", b"if-match", b"accept-language")]
    request = Request({"type": "http", "headers": heads})
    assert best(request.headers["accept"], (JSON, PROBLEM)) in {JSON, PROBLEM, None}
    assert chosen("", "", request.headers["accept-language"], OFFERED) in OFFERED
    require_match(request, 7)


def _back(data: bytes) -> None:
    path = within(_text(data))
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))


def _markdown(data: bytes) -> None:
    shown = markup.to_html(_text(data)).lower()
    assert "<script" not in shown
    assert 'href="javascript:' not in shown
    markup.to_text(_text(data))


def _cells(data: bytes) -> None:
    said = _text(data)
    rows = pasted.paste(said).rows
    pasted.understand(rows)
    numerals.read(said)
    periods.parse(said)
    periods.span_in(said)


def _identifiers(data: bytes) -> None:
    said = _text(data)
    for one in identifiers.find(said):
        assert said[one.start : one.end]


def _bundle(data: bytes) -> None:
    for one in exchange.incoming(_text(data).splitlines(keepends=True)):
        assert one.record or one.error or one.withdrawn


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _reader(read: Callable[[bytes, Limits], object]) -> Callable[[bytes], object]:
    return lambda data: read(data, LIMITS)


def _workbook() -> bytes:
    book, written = Workbook(), io.BytesIO()
    for row in (("notation", "pref en", "broader"), ("warm-care", "Warm care", "newborn-care")):
        book.active.append(row)
    book.save(written)
    return written.getvalue()


TABLE = b'Month,Fed,Born\nMay 2024,10,30\n"June",12,"3,0"\n'
RIS = b"TY  - RPRT\nTI  - Warm babies\nAU  - Juma, A.\nPY  - 2024/05/01\nER  - \n"
BIBTEX = (
    b'@techreport{a1, title = {Warm {B}abies}, author = "Juma, A. and Otieno, B.", year = 2024}\n'
)
HTML = b"<html><body><h1>Warm babies</h1><p>Ten <b>of</b> 30<table><tr><td>1</table></body></html>"
TURTLE = b"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://a.example/c1> a skos:Concept ; skos:notation "c1" ; skos:prefLabel "Warmth"@en ;
  skos:broader <http://a.example/c2> ; skos:inScheme <http://a.example/topics> .
"""
LINE = (
    b'{"maktaba": 1, "origin": "a#1", "library": "A", "record": {"title": "Warm babies",'
    b' "sections": [{"role": "results", "body": "Ten of 30."}], "places": [{"country": "TZA"}]}}\n'
)

TARGETS: Mapping[str, Target] = {
    "question": Target(_ask, seeds=(b'kangaroo mother care -"heater" "by night"', b"ammaliter")),
    "harvest": Target(
        _harvest,
        (OaiError,),
        (
            b"verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01&until=2024-05-01",
            b"verb=GetRecord&identifier=oai:a:1&metadataPrefix=oai_dc",
        ),
    ),
    "token": Target(
        _token,
        (OaiError,),
        (
            tokens.written(
                tokens.Position(
                    "ListRecords", "oai_dc", "", "", "", "2026-11-28T09:00:00+00:00", 7, 9, 9
                )
            )
            .partition(".")[2]
            .encode(),
        ),
    ),
    "headers": Target(
        _headers,
        seeds=(b'"v7", W/"v8"', b'text/html;q=0.8, */*;q=0.1, "v7"', b'pt-BR, "v7"', b'FR, "v7"'),
    ),
    "way back": Target(_back, seeds=(b"/tell/7?page=2", b"//evil.example/x", b"/\\evil")),
    "markdown": Target(_markdown, seeds=(b"# A\n\n| a | b |\n|--|--|\n| 1 | [x](javascript:y) |",)),
    "cells": Target(_cells, seeds=(TABLE, b"Wk 3\t12/30\t40 %\n", b"\xd9\xa1\xd9\xa2 %")),
    "identifiers": Target(_identifiers, seeds=(b"Mrs Amina Juma, born 3 May 1990, 0712 345 678.",)),
    "csv": Target(_reader(sheet.read_csv), seeds=(TABLE,)),
    "ris": Target(_reader(references.read_ris), seeds=(RIS,)),
    "bibtex": Target(_reader(references.read_bibtex), seeds=(BIBTEX,)),
    "html": Target(_reader(html.read), seeds=(HTML, b"<table><tr><td>a" * 20)),
    "rtf": Target(
        _reader(rtf.read_plain),
        seeds=(
            rb"{\rtf1\ansi Warm \b babies\b0\par 30 %}",
            rb"{\rtf1 Warm \uc babies \u9999999 \u233 }",
        ),
    ),
    "text": Target(_reader(text.read_markdown), seeds=(b"---\ntitle: Warm\n---\n# A\n\nTen.",)),
    "sniffing": Target(lambda data: sniff(data, "a.docx"), seeds=(_workbook(), b"%PDF-1.7", TABLE)),
    "skos": Target(term_skos.read, (InvalidError,), (TURTLE,)),
    "workbook": Target(term_sheet.read, (InvalidError,), (_workbook(),)),
    "bundle": Target(
        _bundle, seeds=(LINE, b'{"maktaba": 1, "origin": "a#2", "withdrawn": true}\n')
    ),
}


def changed(seeds: Sequence[bytes], chance: Random) -> bytes:
    """Return one of the good inputs with some of it cut, doubled, swapped or overwritten."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randrange(len(data) + 1), chance.randint(1, 12)
        match chance.randrange(4):
            case 0:
                del data[at : at + length]
            case 1:
                data[at:at] = chance.choice(SPICES)
            case 2:
                data[at:at] = data[at : at + length] * chance.randint(1, 40)
            case _:
                data[at : at + length] = chance.randbytes(length)
    return bytes(data)
