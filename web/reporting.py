"""What became of each file of an ingest, as JSON for other programs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.pipeline import Outcome
from kb import content
from kb.errors import InvalidError
from kb.vocabulary import Became
from web.filling import Report

VERSION = 1  # of this form; grows when a field changes its meaning


def write(report: Report, asked: Sequence[Path], path: Path) -> None:
    """Write the report to `path`.

    Raises:
        InvalidError: it cannot be written there.
    """
    text = json.dumps(as_json(report, asked), ensure_ascii=False, indent=2)
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise InvalidError(
            f"The report cannot be written to {path}: {error.strerror}.",
            hint="The files were ingested all the same; name another place for the report.",
        ) from error


def as_json(report: Report, asked: Sequence[Path]) -> dict[str, Any]:
    """Return the report as JSON has it; docs/ingest.md explains the fields."""
    return {
        "version": VERSION,
        "batch": report.batch_id,
        "asked": [str(path) for path in asked],
        "totals": {became.value: len(report.of(became)) for became in Became},
        "files": [_file(outcome) for outcome in report.outcomes],
    }


def _file(outcome: Outcome) -> dict[str, Any]:
    return {
        "path": str(outcome.path),
        "sha256": outcome.sha256,
        "became": outcome.became,
        "record": outcome.record_id,
        "title": outcome.title,
        "error": _error(outcome),
        "doubts": list(outcome.doubts),
        "findings": outcome.findings,
        "alike": [one._asdict() for one in outcome.alike],
        "draft": _draft(outcome.draft) if outcome.draft else None,
    }


def _error(outcome: Outcome) -> dict[str, str] | None:
    error = outcome.error
    if error is None:
        return None
    return {"reason": outcome.code, "message": str(error), "hint": error.hint}


def _draft(said: content.Record) -> dict[str, Any]:
    return {
        "language": said.language,
        "record_type": said.record_type,
        "level": said.level,
        "places": [place.model_dump(mode="json") for place in said.places],
        "sections": len(said.sections),
        "change_ideas": [idea.text for idea in said.change_ideas],
        "measures": [{"name": m.name, "points": len(m.points)} for m in said.measures],
        "tags": [
            tag.model_dump(
                mode="json", include={"notation", "source", "confidence", "evidence", "section"}
            )
            for tag in said.tags
        ],
    }
