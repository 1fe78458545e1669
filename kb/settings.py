"""Every setting of Maktaba: its variable, its type, its default and what it means."""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  to listen on, not to go to
PREFIX = "KB_"
# Not of a library, but of its set-up and its tests; docs/settings.md names them.
BESIDE = ("KB_TORCH_CPU_INDEX", "KB_JUDGED_SETS", "KB_SCREENSHOTS", "KB_TEST_")


def address_of(host: str, port: int) -> str:
    """Return where pages are open, as a browser takes it.

    >>> address_of("127.0.0.1", 8000), address_of("::1", 8000)
    ('http://127.0.0.1:8000', 'http://[::1]:8000')
    """
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Settings(BaseSettings):
    """Read from the environment (`KB_DATA`, …); built once by the command or the application."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Field(
        default=Path("var/library"),
        description="Folder of this library: database, original files, index and model graphs.",
    )
    database: str = Field(
        default="",
        description="SQLAlchemy URL of the database; empty means kb.sqlite in the data folder.",
    )
    database_read: str = Field(
        default="",
        description="SQLAlchemy URL of a streaming replica of that database on PostgreSQL, which "
        "readers who are not signed in are sent to; empty for none.",
    )
    database_read_lag_s: float = Field(
        default=5.0,
        gt=0,
        description="Seconds that the replica may be behind; with more, all ask the database "
        "itself.",
    )
    taxonomy: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="National and site taxonomy files, loaded after the shipped one; "
        "separated like PATH.",
    )
    site: Path | None = Field(
        default=None,
        description="The file that makes the library your own; else site.toml in the data folder, "
        "if there is one.",
    )
    encoder: str = Field(
        default=DEFAULT_ENCODER,
        description="Sentence-transformers model that turns text to vectors: "
        "a name, name@revision, or a folder.",
    )
    semantic: bool = Field(
        default=True,
        description="Search by meaning as well as by words; false needs no model at all.",
    )
    query_int8: bool = Field(
        default=True,
        description="Encode questions with 8-bit weights: a third of the time, answers as good.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `kb serve` listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that `kb serve` listens on.")
    base_url: str = Field(
        default="",
        description="Public address of the library, such as https://library.example; "
        "empty means the address of the request.",
    )
    name: str = Field(
        default="Maktaba",
        description="Name of the library, shown on every page; goes before the one in site.toml.",
    )
    curator: str = Field(
        default="curator",
        min_length=1,
        description="Who sits at the desk: the name that its decisions are kept under.",
    )
    oidc_issuer: str = Field(
        default="",
        description="Address of an OpenID Connect server that people may sign in by; empty for "
        "none.",
    )
    oidc_client_id: str = Field(
        default="", description="Name that the OpenID Connect server knows this library by."
    )
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Secret that belongs to `KB_OIDC_CLIENT_ID`; better in a file.",
    )
    oidc_client_secret_file: Path | None = Field(
        default=None, description="File that holds the secret instead."
    )
    oidc_name: str = Field(
        default="your organisation",
        description="What the button calls the OpenID Connect server: “Sign in with …”.",
    )
    two_people: bool = Field(
        default=True,
        description="Ask for two people before readers see a record: one says that it is ready, "
        "another one publishes it. Who sits at the computer may do so alone.",
    )
    overdue_days: int = Field(
        default=30, ge=1, description="Days after which a record of the desk's queue is overdue."
    )
    share_originals: bool = Field(
        default=False,
        description="Offer readers a clean copy of the file of a published record whose facility "
        "is named; the original stays the team's.",
    )
    learning_needs: bool = Field(
        default=True,
        description="Keep questions that found nothing good, without anything about who asked.",
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes that `kb serve` answers with: as many as the computer has cores, "
        "each takes the memory of one. Each counts visitors and limits for itself.",
    )
    keep_s: int = Field(
        default=120,
        ge=0,
        le=300,
        description="Seconds for which readers who are not signed in may be shown a page as it was "
        "before something else in the library changed. What a record says, and which there are, is "
        "never older; 0: nothing is.",
    )
    api_guests: str = Field(
        default="500/minute;5000/hour",
        description="How often one address may ask the API without a token, or with one that is "
        "nobody's; empty for no limit.",
    )
    api_people: str = Field(
        default="1000/minute;25000/hour",
        description="How often one token may ask the API; empty for no limit.",
    )
    statistics: bool = Field(
        default=True,
        description="Count how often records and collections are looked at and taken home, by "
        "day, without anything about who did.",
    )
    max_file_mb: int = Field(
        default=50, ge=1, description="Largest file, in megabytes, that ingest reads."
    )
    ocr: bool = Field(
        default=True,
        description="Read scans and photos of pages by OCR, where tesseract is installed.",
    )

    smtp_host: str = Field(
        default="",
        description="Mail server that notices are sent by; empty sends no mail: "
        "they wait on the page of notices and in private feeds.",
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the mail server is spoken to: starttls (587), tls (465) or none, which "
        "is for a server on this computer.",
    )
    smtp_user: str = Field(default="", description="Name to sign in to the mail server with.")
    smtp_password: str = Field(default="", repr=False, description="Password of that name.")
    smtp_password_file: Path | None = Field(
        default=None, description="File that holds the password, instead of KB_SMTP_PASSWORD."
    )
    smtp_from: str = Field(
        default="", description="Address that mails come from, such as library@ministry.example."
    )

    clock: bool = Field(
        default=True,
        description="Let `kb serve` do each hour what `kb tick` does: hand requests on, write "
        "digests, send mails.",
    )

    backups: Path | None = Field(
        default=None,
        description="Folder on another disk that `kb backup` writes to; the newest backup in it is "
        "restored for a moment and compared once a week.",
    )
    log: Literal["text", "json"] = Field(
        default="text",
        description="json: `kb serve` writes each request and each message as a line of JSON, "
        "without anything about who asked or what for; `kb work` what became of each file.",
    )
    metrics: str = Field(
        default="",
        description="Address and port where `kb serve` tells Prometheus how it is, such as "
        "127.0.0.1:9464; empty for none. Nobody is asked who they are there. Of several "
        "processes each tells its own, at this port and those after it.",
    )

    @field_validator("taxonomy", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value

    @field_validator(
        "data", "site", "backups", "oidc_client_secret_file", "smtp_password_file", mode="before"
    )
    @classmethod
    def _named(cls, value: object, info: ValidationInfo) -> object:
        """Take an empty path for none: it would be the folder that somebody stands in."""
        if value == "" and info.field_name == "data":
            raise ValueError("it names no folder")
        return None if value == "" else value

    @field_validator("metrics")
    @classmethod
    def _with_its_port(cls, value: str) -> str:
        if value and not re.fullmatch(r"\S+:\d{1,5}", value):
            raise ValueError(f"“{value}” is no address with a port, such as 127.0.0.1:9464")
        return value

    @field_validator("base_url")
    @classmethod
    def _with_its_scheme(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError(f"“{value}” does not begin with https://, as links need it")
        return value

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database or f"sqlite:///{self.data.resolve() / 'kb.sqlite'}"

    @property
    def address(self) -> str:
        """Where the library is open, without a slash, for whoever has no request to ask.

        >>> Settings(base_url="https://library.example/").address
        'https://library.example'
        >>> Settings(base_url="", host="0.0.0.0", port=8000).address  # all of this computer's
        'http://localhost:8000'
        """
        if self.base_url:
            return self.base_url.rstrip("/")
        return address_of("localhost" if self.host in EVERYWHERE else self.host, self.port)

    @property
    def oidc_secret(self) -> str:
        """What the library proves to the OpenID Connect server that it is itself with."""
        if self.oidc_client_secret_file is not None:
            return self.oidc_client_secret_file.read_text(encoding="utf-8").strip()
        return self.oidc_client_secret.get_secret_value()

    @property
    def index(self) -> Path:
        """Where vectors are kept outside the database; may be deleted at any time."""
        return self.data / "index"

    @property
    def originals(self) -> Path:
        """Where the original files are kept, by their sha256."""
        return self.data / "originals"

    @property
    def copies(self) -> Path:
        """Where the copies of originals for readers are kept, by their sha256."""
        return self.data / "copies"

    @property
    def models(self) -> Path:
        """Where graphs exported from the encoder are kept, by the digest of its weights."""
        return self.data / "models"


def unknown(variables: Iterable[str]) -> dict[str, str]:
    """Return the variables that look like settings and are none, each with the one it is most like.

    >>> unknown(["KB_DATA", "KB_BACKUP", "KB_QQQ", "KB_TEST_DATABASE", "HOME"])
    {'KB_BACKUP': 'KB_BACKUPS', 'KB_QQQ': ''}
    """
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    wrong = sorted(
        name
        for name in variables
        if name.upper().startswith(PREFIX)
        and name.upper() not in known
        and not name.startswith(BESIDE)
    )
    return {name: next(iter(get_close_matches(name.upper(), known, n=1)), "") for name in wrong}
