"""What Word, PowerPoint and Excel files say about themselves."""

from zipfile import ZipFile

from ingest.document import Metadata
from ingest.readers.archive import part_xml, text_of
from ingest.readers.content import iso_date


def declared(archive: ZipFile) -> tuple[str, Metadata]:
    """Return the title among the file's properties and the rest of them.

    Source: ECMA-376 part 2, core properties; part 1, 22.2 extended properties.
    """
    core = part_xml(archive, "docProps/core.xml")
    application = part_xml(archive, "docProps/app.xml")
    pages = text_of(application, ".//{*}Pages") or text_of(application, ".//{*}Slides")
    return text_of(core, ".//{*}title"), Metadata(
        author=text_of(core, ".//{*}creator"),
        created=iso_date(text_of(core, ".//{*}created")),
        modified=iso_date(text_of(core, ".//{*}modified")),
        language=text_of(core, ".//{*}language"),
        pages=int(pages) if pages.isdecimal() else None,
    )
