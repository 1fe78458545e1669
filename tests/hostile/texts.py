"""Text, tables, web pages, RTF and mail: wrong letters, deep nesting, lines without end."""

# ruff: noqa: E501  # the bytes of a format are read best on one line

import base64

from tests.hostile.good import MARK
from tests.hostile.made import MIB, Made, zipped

ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
    "utf-7", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1256", "iso8859-1", "iso8859-2",
    "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-15", "koi8-r", "koi8-u",
    "shift_jis", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp037", "cp850", "mac_roman",
)  # fmt: skip
WORDS = "Ward naïve café Łódź Ünal больница νοσοκομείο مستشفى בית חולים 病院 病院 医院 醫院 병원 ñandú — 34 % "


def encoded_texts() -> Made:
    """The same words in every encoding, each with what it can write."""
    for encoding in ENCODINGS:
        words = WORDS.encode(encoding, errors="ignore").decode(encoding)
        yield f"{encoding}.txt", (words * 20).encode(encoding)
        yield f"{encoding}.csv", f"month;{words}\n".encode(encoding) * 20
    yield "mixed.txt", WORDS.encode() * 9 + "больница ".encode("koi8-r") * 9 + b"\xff\xfe" * 9
    yield "surrogates.txt", (MARK + "\ud800\udfff\ud83d").encode("utf-8", "surrogatepass")


def tables_of_text() -> Made:
    """Comma-separated values that are no table at all."""
    yield "nul.csv", b"a,b\0,c\n\0\0\0,1,2\n" * 100
    yield "one-line.csv", b"x" * (5 * MIB)
    yield "columns.csv", b"," * 1_000_000
    yield "columns-of-words.csv", b"w," * 1_000_000 + b"\n" + b"w," * 1_000_000
    yield "quote.csv", b'a,"' + b"b\n" * MIB
    yield "quotes.csv", b'"' * MIB
    yield "formulas.csv", b"=cmd|'/c calc'!A0,@SUM(1),+1,-1\n" * 50
    yield "rows.csv", b"1,2\n" * 500_000
    yield "ragged.csv", b"\n".join(b"," * (n % 97) for n in range(20_000))
    yield "tabs.tsv", b"\t" * (2 * MIB)


def pages() -> Made:
    """Web pages without end."""
    start, end = b"<html><body>", b"</body></html>"
    yield "deep.html", start + b"<div>" * 100_000
    yield "many-tags.html", start + b"<p>word <b>x</b>" * 30_000 + end
    yield "tables.html", start + b"<table><tr><td>" * 400 + b"x" + end
    yield (
        "attributes.html",
        start + b"<p " + b" ".join(b"a%d=1" % n for n in range(10**5)) + b">x" + end,
    )
    yield "spans.html", start + b"<table><tr>" + b"<td colspan=99999 rowspan=99999>x" * 2_000 + end
    yield "unclosed.html", start + b"<a href=x>" * 20_000 + end
    yield "comments.html", b"<!---->" * 700 + b"x" * 500
    yield "open-comments.html", b"<!--" * 500_000
    yield "entities.html", start + b"&lt;" * 500_000 + end
    yield "brackets.html", b"<" * MIB
    yield "nul.html", start + b"<p>\0</p>" * 10_000 + end
    yield "charset.html", b"<html><meta charset=rot13>" + start + MARK.encode() + end


def rich_texts() -> Made:
    """RTF that nests, lies about lengths, and carries objects."""
    yield "deep.rtf", rb"{\rtf1 " + b"{" * 50_000 + b"x" + b"}" * 50_000 + b"}"
    yield "lengths.rtf", rb"{\rtf1 \bin99999999999 " + b"x" * 1_000 + b"}"
    yield "object.rtf", rb"{\rtf1 {\object\objemb{\*\objdata " + b"4d5a" * 20_000 + b"}}x}"
    yield "picture.rtf", rb"{\rtf1 {\pict\pngblip " + b"ff" * MIB + b"}x}"
    yield "unclosed.rtf", rb"{\rtf1 " + b"{\\b x" * 300
    yield "words.rtf", rb"{\rtf1 " + rb"\u65536? \'zz \fs-9999999999 " * 5_000 + b"}"


def mails() -> Made:
    """Messages inside messages."""
    head = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(1_000)
    )
    yield "parts.eml", head + nested
    yield "messages.eml", head + b"Content-Type: message/rfc822\r\n\r\n" * 500
    yield "header.eml", head + b"X-A: " + b"y" * (4 * MIB) + b"\r\n\r\nx"
    yield "headers.eml", head + b"X-A: y\r\n" * 100_000 + b"\r\nx"
    yield "charset.eml", head + b"Content-Type: text/plain; charset=none\r\n\r\n" + MARK.encode()
    yield "boundary.eml", head + b"Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nx"
    bomb = base64.encodebytes(zipped({"0": b"\0" * (20 * MIB)}))
    yield "attached.eml", head + (
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nx\r\n"
        b'--q\r\nContent-Disposition: attachment; filename="../../\xe2\x80\xaegpj.exe"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    ) + bomb + b"\r\n--q--"  # fmt: skip
    yield (
        "words.eml",
        head.replace(b"x\r\n", b"=?utf-8?q?" + b"=41" * 20_000 + b"?=\r\n", 1) + b"\r\nx",
    )
    addresses = b", ".join(b"a%d@example.org" % n for n in range(5_000))
    yield "addresses.eml", head.replace(b"b@example.org", addresses) + b"\r\nx"


def plain_texts() -> Made:
    """Texts that tire a pattern, or deceive the eye."""
    size = 4 * MIB
    for kind, sign in (("letters", "x"), ("spaces", " "), ("newlines", "\n"), ("tabs", "\t"),
                       ("bars", "|"), ("brackets", "["), ("hashes", "#"), ("equals", "="),
                       ("quotes", ">")):  # fmt: skip
        yield f"{kind}.txt", (MARK + sign * size + "x").encode()
    yield "links.md", b"](" * (2 * MIB)
    yield "references.md", b"[a]: " * MIB
    yield "pictures.md", b"![" * (2 * MIB)
    yield "front.md", b"---\ntitle: " + b" " * MIB + b"x\n---\nx"
    yield "front-open.md", b"---\n" * MIB
    yield "ruled.md", b"x\n" + b"=" * MIB + b"x\n"
    yield "lists.md", b"- " * MIB
    yield "indents.md", b"\n".join(b" " * (n % 500) + b"- x" for n in range(5_000))
    yield "marks.md", "\u0301".encode() * MIB
    yield "controls.txt", bytes(range(32)) + MARK.encode() * 40 + b"\x7f\x1b[2J\x1b]0;x\x07" * 9
    yield "override.txt", ("\u202e" + MARK[::-1] + "\u202c\u2066\u200b\ufeff").encode()
    yield "nul.txt", b"\0".join(bytes([sign]) for sign in MARK.encode())
    yield "only-nul.txt", b"\0" * 5_000
    yield "only-space.txt", b" \n\t" * 5_000
    yield "empty.docx", b""
    yield "empty.txt", b""
