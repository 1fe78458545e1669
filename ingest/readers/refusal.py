"""Why a file cannot be read, in the words of the person who has it."""

from enum import StrEnum

from kb.errors import InvalidError


class Reason(StrEnum):
    """The ways a file can refuse to become a Document."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    UNSUPPORTED = "unsupported"
    UNSAFE_XML = "unsafe-xml"
    TOO_DEEP = "too-deep"
    MEMORY = "memory"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    NEEDS_LIBREOFFICE = "needs-libreoffice"


# Each reason as a sentence about the file, and what its owner can do.
_SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.EMPTY: (
        "{name} is empty.",
        "Copy the file again; the first copy may have been interrupted.",
    ),
    Reason.TOO_LARGE: (
        "{name} is too large.",
        "Split it, or save it without its pictures, and ingest that.",
    ),
    Reason.ENCRYPTED: (
        "{name} is protected by a password.",
        "Save a copy without the password and ingest that.",
    ),
    Reason.CORRUPT: (
        "{name} is damaged.",
        "Open it in the program that made it, save it again and ingest that.",
    ),
    Reason.UNSUPPORTED: (
        "{name} is of a kind that cannot be read.",
        "Save it as .docx, .pdf, .xlsx, .html or .txt and ingest that.",
    ),
    Reason.UNSAFE_XML: (
        "{name} declares XML entities, which no ordinary document does.",
        "Ask where it comes from; if it is trusted, save it again and ingest that.",
    ),
    Reason.TOO_DEEP: (
        "{name} is nested too deeply.",
        "Copy its text into a new document and ingest that.",
    ),
    Reason.MEMORY: (
        "{name} needs more memory than one file may use.",
        "Split it, or save it without its pictures, and ingest that.",
    ),
    Reason.CRASHED: (
        "{name} made the reader stop.",
        "Save it in another format, such as .docx or .pdf, and ingest that.",
    ),
    Reason.TIMEOUT: (
        "{name} takes too long to read.",
        "Split it into smaller files and ingest those.",
    ),
    Reason.NEEDS_LIBREOFFICE: (
        "{name} is in an old format that needs LibreOffice.",
        "Install LibreOffice, or save the file as .docx or .pptx and ingest that.",
    ),
}

_DETAIL_CHARS = 200


class UnreadableError(InvalidError):
    """A file cannot become a Document; `reason` says why, `detail` what was seen."""

    def __init__(self, reason: Reason, *, name: str = "The file", detail: str = "") -> None:
        sentence, hint = _SENTENCES[reason]
        self.reason = reason
        self.detail = " ".join(detail.split())[:_DETAIL_CHARS]
        message = sentence.format(name=name)
        if self.detail:
            message = f"{message[:-1]}: {self.detail.rstrip('.')}."
        super().__init__(message, hint=hint)
