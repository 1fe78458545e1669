"""Kill an ingest again and again, restart it, and compare what it leaves with a quiet run."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from docx import Document
from sqlalchemy import text

from kb.db import connect
from kb.settings import Settings
from tests.databases import environment

COMMAND = "from web.cli import run; run()"
TOPICS = (
    ("early breastfeeding", "put the baby on the chest before the scale"),
    ("hand hygiene", "hang a bottle of hand rub at every bed"),
    ("postpartum haemorrhage", "draw up oxytocin before the birth"),
    ("antenatal care", "give appointments by the hour"),
)
# What is kept, and what of it must be equal: everything but the clock.
KEPT = {
    "record": "select id, version, status, title, language, strength, completeness from record",
    "version": "select record_id, version, content, note from record_version",
    "section": "select record_id, position, role, heading, body from section",
    "idea": "select record_id, position, text, steps from change_idea",
    "measure": "select record_id, position, name from measure",
    "point": "select measure_id, position, period, numerator, denominator, value from point",
    "tag": "select record_id, concept_id, source, confidence, evidence from tag",
    "attachment": "select record_id, sha256, original from attachment",
    "source_file": "select sha256, name, media_type, size from source_file",
    "batch": "select id, kind, asked, finished is not null from batch",
    "item": "select batch_id, position, name, sha256, became, record_id, title from batch_item",
    "finding": 'select record_id, kind, field, start, "end", text, state from finding',
    "likeness": "select record_id, other_id, kind, score from likeness",
    "signature": "select record_id, text_sha256, minhash from text_signature",
    "passage": 'select record_id, record_version, section, start, "end", text from passage',
}


@dataclass(frozen=True)
class Torture:
    """What the killing did: how often, after how many seconds each, and what differed."""

    kills: int
    differences: tuple[str, ...]
    left_over: tuple[str, ...]  # half copies among the originals


def write_files(folder: Path, count: int) -> None:
    """Write `count` illustrative files of five kinds; one in fifty is broken, one a copy."""
    folder.mkdir(parents=True)
    for number in range(count):
        _write(folder / f"{number:04}", number)


def torture(home: Path, *, files: int, kills: int, seed: int) -> Torture:
    """Ingest `files` files quietly, then again with `kills` kills at random moments."""
    inbox, quiet, killed = home / "inbox", home / "quiet", home / "killed"
    write_files(inbox, files)
    start = time.monotonic()
    _run(quiet, inbox).wait()
    whole_s = time.monotonic() - start
    rng = random.Random(seed)
    done = 0
    while done < kills:
        running = _run(killed, inbox)
        try:
            # Each run gets about its share of the work, so that the kills fall all over it.
            running.wait(rng.uniform(0.1, 1.5 + 2 * whole_s / kills))
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            done += 1
        else:
            break  # it came to its end before all kills were spent
    _run(killed, inbox).wait()
    return Torture(done, tuple(_differences(quiet, killed)), tuple(_half_copies(killed)))


def _run(library: Path, inbox: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "--data", str(library), "ingest", str(inbox)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(library, KB_SEMANTIC="false"),
        start_new_session=True,
    )


def _differences(quiet: Path, killed: Path) -> Iterator[str]:
    """Yield what is not the same in both libraries."""
    for name, query in KEPT.items():
        one, other = _rows(quiet, query), _rows(killed, query)
        if one != other:
            lost, more = len(set(one) - set(other)), len(set(other) - set(one))
            yield f"{name}: {len(one)} rows against {len(other)}, {lost} lost, {more} other"
    if _originals(quiet) != _originals(killed):
        yield "the originals differ"


def _rows(library: Path, query: str) -> list[tuple[object, ...]]:
    engine = connect(Settings(data=library).database_url)
    try:
        with engine.connect() as connection:
            return sorted((tuple(row) for row in connection.execute(text(query))), key=repr)
    finally:
        engine.dispose()


def _originals(library: Path) -> dict[str, str]:
    kept = (path for path in (library / "originals").rglob("*") if path.is_file())
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(kept)}


def _half_copies(library: Path) -> Iterator[str]:
    for name, digest in _originals(library).items():
        if name != digest:
            yield name


def _write(path: Path, number: int) -> None:
    if number % 50 == 49:
        path.with_suffix(".docx").write_bytes(b"PK\x03\x04 nothing follows")
        return
    topic, idea = TOPICS[number % len(TOPICS)]
    told = number - 1 if number % 50 == 7 else number  # some are told twice
    title = f"Illustrative story {told}: {topic} at Invented Clinic {told}"
    problem = f"In week {told} only {told % 90} of 100 were reached; nobody knew why. {topic}."
    rows = [f"2024-{month:02}|{(told + month * 3) % 30}|30" for month in range(1, 7)]
    match number % 5:
        case 0 | 1:
            table = "\n".join(f"| {row.replace('|', ' | ')} |" for row in rows)
            text = (
                f"# {title}\n\n## Problem\n\n{problem}\n\n## What we tried\n\n- We {idea}.\n\n"
                f"## Results\n\n| Month | Done | Of |\n|---|---|---|\n{table}\n"
            )
            path.with_suffix(".md").write_text(text, encoding="utf-8")
        case 2:
            text = f"<title>{title}</title><h1>{title}</h1><h2>Problem</h2><p>{problem}</p>"
            path.with_suffix(".html").write_text(text, encoding="utf-8")
        case 3:
            lines = ["Month;Done;Of", *(row.replace("|", ";") for row in rows), f"# {told};;"]
            path.with_suffix(".csv").write_text("\n".join(lines), encoding="utf-8")
        case 4:
            word = Document()
            word.add_heading(title, level=0)
            word.add_heading("Problem", level=1)
            word.add_paragraph(problem)
            word.save(str(path.with_suffix(".docx")))
