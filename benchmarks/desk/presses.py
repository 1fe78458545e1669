"""How many key presses it takes to make each sample findable, counted in a real browser.

python benchmarks/desk/presses.py FOLDER

FOLDER is a library whose drafts are the samples as ingest made them (`KB_DATA=FOLDER kb ingest
examples/library`); it is changed. The time is an estimate: see tests/web/curating.py.
"""

import sys
from pathlib import Path
from statistics import median

import yaml
from playwright.sync_api import sync_playwright
from sqlalchemy import select

from kb import consent
from kb.models import Attachment, Record
from kb.settings import Settings
from kb.vocabulary import Ground, Status
from tests.web.browsing import CHROMIUM, DESK, FLAGS, served
from tests.web.curating import Curator
from web.demo import samples
from web.library import open_library
from web.names import Names


def main(folder: Path) -> None:
    """Print a line for each sample, then the medians."""
    library = open_library(Settings(data=folder, semantic=False, ocr=False))
    truths = yaml.safe_load((samples() / "truth.yaml").read_text(encoding="utf-8"))
    names = Names(library.taxonomy)
    with library.reading() as session:
        query = select(Attachment).join(Record, Record.id == Attachment.record_id)
        drafts = session.scalars(query.where(Record.status == Status.DRAFT, Attachment.original))
        files = {one.file.name: one.record_id for one in drafts}
    with library.writing() as session:  # once for the folder; it is not counted
        for record_id in files.values():
            row = session.get_one(Record, record_id)
            consent.record(session, record_id, consent.stated(row, Ground.ILLUSTRATION), by="us")
        session.commit()
    work = {}
    with served(library, desk=True) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(base_url=address, viewport=DESK, locale="en").new_page()
        for name, record_id in sorted(files.items()):
            done = Curator(page, names).make_findable(record_id, truths[name])
            work[name] = done
            print(
                f"{done.presses:4} {done.decisions:3} {done.words:5} {done.seconds:5.0f} s  {name}"
            )
        browser.close()
    presses = sorted(one.presses for one in work.values())
    seconds = sorted(one.seconds for one in work.values())
    most = presses[int(0.9 * len(presses))]
    few = sum(one <= 25 for one in presses)
    print(f"{len(work)} samples: median {median(presses)} presses, nine of ten at most {most},")
    print(f"{few} within 25; estimated median {median(seconds):.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
