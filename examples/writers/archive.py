"""Office files are zip archives; this makes two of the same content the same bytes."""

import io
import re
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip member can carry
MOMENTS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def frozen(archive: bytes) -> bytes:
    """Return the archive without the moment it was made, members in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = MOMENTS.sub(rb"\g<1>2024-01-01T00:00:00Z", content)
            new.writestr(_member(name), content)
    return out.getvalue()


def same(one: bytes, other: bytes) -> bool:
    """Say whether two files are equal; archives are, when their members are.

    Deflate may come out differently with another zlib, what it packs does not.
    """
    if one == other:
        return True
    files = [io.BytesIO(one), io.BytesIO(other)]
    if not all(map(zipfile.is_zipfile, files)):
        return False
    first, second = (_members(file) for file in files)
    return first == second


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, EPOCH)
    member.create_system = 3  # Unix, wherever the script runs
    # OpenDocument wants its media type readable in the first bytes of the file.
    member.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
    return member


def _members(file: io.BytesIO) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]
