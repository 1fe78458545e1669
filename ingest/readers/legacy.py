"""Old Word and PowerPoint files (.doc, .ppt) by way of LibreOffice, where it is installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from ingest.readers import docx, pptx
from ingest.readers.content import Content
from ingest.readers.limits import Limits
from ingest.readers.refusal import Reason, UnreadableError


def read_doc(data: bytes, limits: Limits) -> Content:
    """Read an old Word document."""
    return docx.read(convert(data, "doc", "docx"), limits)


def read_ppt(data: bytes, limits: Limits) -> Content:
    """Read an old presentation."""
    return pptx.read(convert(data, "ppt", "pptx"), limits)


# Named, so that LibreOffice does not take damaged bytes for text.
_FILTERS = {"doc": "MS Word 97", "ppt": "MS PowerPoint 97", "rtf": "Rich Text Format"}


def office() -> str | None:
    """Return LibreOffice's program, or None where there is none."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(data: bytes, suffix: str, to: str) -> bytes:
    """Return the file in the format `to`.

    Raises:
        UnreadableError: LibreOffice is missing, or cannot open the file.
    """
    program = office()
    if program is None:
        raise UnreadableError(Reason.NEEDS_LIBREOFFICE)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, f"in.{suffix}"), Path(folder, f"in.{to}")
        source.write_bytes(data)
        # its own profile: two LibreOffices never share one
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--norestore", f"--infilter={_FILTERS[suffix]}"]
        # nosemgrep: program-without-end  the sandbox ends it with all that it has started
        subprocess.run(  # noqa: S603  # no shell; every argument is ours
            [*command, "--convert-to", to, "--outdir", folder, str(source)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if not target.exists():
            raise UnreadableError(Reason.CORRUPT, detail="LibreOffice cannot open it")
        return target.read_bytes()
