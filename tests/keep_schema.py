"""Write a small library of this version as SQL, which every later version has to upgrade.

python -m tests.keep_schema

For whoever releases: a file that is there already is never written again.
"""

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

import search.store  # noqa: F401  its tables, too
from kb import content, records, schema
from kb.db import connect
from kb.vocabulary import SectionRole, SourceKind
from tests import rows

FOLDER = Path(__file__).parent / "data" / "schemas"
STORY = content.Record(
    title="Skin to skin before the scale",
    summary="Babies stay on the chest for an hour; weighing waits.",
    sections=(content.Section(role=SectionRole.PROBLEM, heading="Problem", body="Only 34 % …"),),
    change_ideas=(content.ChangeIdea(text="Weigh the baby after the first feed"),),
    places=(content.Place(country="TZA", admin2="Rungwe", facility="Ilulu Health Centre"),),
    source_kind=SourceKind.IMPORTED,
    licence="CC-BY-4.0",
)


def main() -> None:
    """Write the file of this version's tables, with a story and a row in every table."""
    target = FOLDER / f"{schema.head()}.sql"
    with TemporaryDirectory() as folder, target.open("x", encoding="utf-8") as file:
        engine = connect(f"sqlite:///{folder}/kb.sqlite")
        schema.upgrade(engine)
        with Session(engine) as session:
            for _ in range(3):  # what is made up belongs to the first or the last
                records.create(session, STORY, by="release")
            session.commit()
        with engine.begin() as connection:
            left = rows.fill(connection)
        engine.dispose()
        if left:
            raise SystemExit(f"No row fits into {', '.join(sorted(left))}: mend tests/rows.py.")
        with sqlite3.connect(f"{folder}/kb.sqlite") as database:
            file.writelines(f"{line}\n" for line in database.iterdump())
        database.close()


if __name__ == "__main__":
    main()
