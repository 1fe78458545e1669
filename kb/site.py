"""What makes a library somebody's own: name, logo, colours, languages and words, of `site.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

from kb.contrast import READABLE
from kb.errors import InvalidError
from kb.licences import KNOWN
from kb.logo import Logo, read_logo
from kb.palette import DARK, LIGHT
from kb.settings import Settings
from kb.taxonomy import Taxonomy, load, shipped

FILE = "site.toml"
READ_AGAIN = "Correct the file; `kb site check` reads it again."
ADDRESS = re.compile(r"https?://\S+|[^@\s]+@[^@\s]+\.[^@\s.]+")

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Lead = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Markdown = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=90)]
ShortName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=24)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$", to_lower=True)]


class Words(NamedTuple):
    """A text and the language it is really in, for the `lang` of the page."""

    text: str
    language: str


class Colours(BaseModel):
    """One accent for light pages, one for dark ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accent: Colour = Field(default=LIGHT.accent, description="Accent on light pages.")
    accent_dark: Colour = Field(
        default="",
        description="Accent on dark pages; else the nearest to `accent` that can be read.",
    )

    @field_validator("accent", "accent_dark")
    @classmethod
    def _can_be_read(cls, value: str, info: ValidationInfo) -> str:
        theme = LIGHT if info.field_name == "accent" else DARK
        reached = theme.contrast(value)
        if reached < READABLE:
            raise ValueError(
                f"“{value}” is hard to read on {theme.name} pages: its contrast is "
                f"{reached:.1f}, and {READABLE} is needed. "
                f"The nearest that can be read is “{theme.nearest(value)}”"
            )
        return value

    @property
    def dark(self) -> str:
        """The accent on dark pages."""
        usual = DARK.accent if self.accent == LIGHT.accent else DARK.nearest(self.accent)
        return self.accent_dark or usual


class Texts(BaseModel):
    """The words of the library in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = Field(default=None, description="The name in this language.")
    short_name: ShortName | None = Field(default=None, description="The short name in it.")
    home_title: Line | None = Field(default=None, description="Heading of the first page.")
    home_lead: Lead | None = Field(default=None, description="The sentences below it.")
    home_examples: Annotated[tuple[Line, ...], Field(max_length=6)] = Field(
        default=(), description="Questions to try, at most six."
    )
    footer: Lead | None = Field(default=None, description="What stands at the foot of each page.")
    about: Markdown | None = Field(default=None, description="Who you are; on “About”.")
    terms: Markdown | None = Field(default=None, description="Terms of use; on “Licence”.")
    privacy: Markdown | None = Field(default=None, description="Added to “Privacy”.")
    accessibility: Markdown | None = Field(default=None, description="Added to “Accessibility”.")


class Site(BaseModel):
    """What `site.toml` says; each key that it leaves out is as the library comes."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    name: Name = Field(default="Maktaba", description="Name of the library, on every page.")
    short_name: ShortName = Field(
        default="", description="For a small screen, at most 24 letters; else the name."
    )
    logo: Path | None = Field(default=None, description="SVG or PNG file beside the name.")
    languages: tuple[str, ...] = Field(
        default=(),
        description="Languages to offer; the first is for readers who know none of them.",
    )
    licence: str = Field(
        default="",
        description="Licence (SPDX) of the stories that name none and were written for this "
        "library.",
    )
    contact: str = Field(
        default="", description="Address for questions: e-mail, or a page (https://…)."
    )
    taxonomy: tuple[Path, ...] = Field(
        default=(), description="Your own taxonomy files, read after those of KB_TAXONOMY."
    )
    facets: Annotated[tuple[str, ...], Field(max_length=4)] = Field(
        default=(),
        description="Concepts (notations) whose narrower ones become a filter and a shelf of "
        "their own.",
    )
    show_use: bool = Field(
        default=False,
        description="Say on the page of a story how often it was looked at in the last year.",
    )
    colours: Colours = Colours()
    texts: Mapping[str, Texts] = {}

    @field_validator("logo", "taxonomy", mode="after")
    @classmethod
    def _from_the_folder(cls, value: Any, info: ValidationInfo) -> Any:
        folder: Path = (info.context or {}).get("folder", Path())
        if isinstance(value, tuple):
            return tuple(_there(folder / path) for path in value)
        if value is not None:
            read_logo(folder / value)  # raises what is wrong with it
        return value and folder / value

    @field_validator("languages", "texts", mode="before")
    @classmethod
    def _languages_that_exist(cls, value: Any, info: ValidationInfo) -> Any:
        exist: Sequence[str] = (info.context or {}).get("languages", ())
        for language in value if isinstance(value, list | dict) else ():
            if exist and language not in exist:
                raise ValueError(
                    f"the pages are not written in “{language}”. There is {', '.join(exist)}"
                )
        if value == []:
            raise ValueError("name one language at least, or take the line out")
        return list(dict.fromkeys(value)) if isinstance(value, list) else value

    @field_validator("licence")
    @classmethod
    def _known_licence(cls, value: str) -> str:
        if value and value not in KNOWN:
            near = get_close_matches(value.upper(), KNOWN, n=1, cutoff=0.4)
            meant = f" Did you mean “{near[0]}”?" if near else ""
            raise ValueError(f"“{value}” is none of {', '.join(list(KNOWN)[:6])}, ….{meant}")
        return value

    @field_validator("contact")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not ADDRESS.fullmatch(value):
            raise ValueError(f"“{value}” is neither an e-mail address nor begins with https://")
        return value

    @cached_property
    def picture(self) -> Logo | None:
        """The logo, looked through; None for the mark that the library comes with."""
        return read_logo(self.logo) if self.logo else None

    @property
    def has_own_colours(self) -> bool:
        """Whether its pages need a stylesheet of their own."""
        return (self.colours.accent, self.colours.dark) != (LIGHT.accent, DARK.accent)

    def called(self, language: str) -> str:
        """Return the name for readers of a language."""
        own = self.texts.get(language)
        return (own and own.name) or self.name

    def called_in_short(self, language: str) -> str:
        """Return the short name for readers of a language, the whole one where there is none."""
        own = self.texts.get(language)
        return (own and own.short_name) or self.short_name or self.called(language)

    def text(self, key: str, language: str) -> Words | None:
        """Return a text in the language, else in the first that has it; None for no own one."""
        for spoken in self._in_turn(language):
            if said := getattr(self.texts[spoken], key):
                return Words(said, spoken)
        return None

    def examples(self, language: str) -> tuple[Words, ...]:
        """Return the questions to try, in the language or else in the first that has some."""
        for spoken in self._in_turn(language):
            if said := self.texts[spoken].home_examples:
                return tuple(Words(example, spoken) for example in said)
        return ()

    def licence_of(self, licence: str, origin: str) -> str:
        """Return the licence of a record: its own, else the library's for what is its own.

        What came from another library without a licence has none here either.
        """
        return licence or ("" if origin else self.licence)

    def _in_turn(self, language: str) -> Iterator[str]:
        wanted = dict.fromkeys((language, *self.languages, *self.texts))
        return (one for one in wanted if one in self.texts)


def file_of(settings: Settings) -> Path | None:
    """Return the site file of a library; None where there is none.

    Raises:
        InvalidError: KB_SITE names a file that is not there.
    """
    if settings.site is None:
        own = settings.data / FILE
        return own if own.is_file() else None
    if not settings.site.is_file():
        raise InvalidError(
            f"KB_SITE names {settings.site}, and there is no such file.",
            hint="Write one with `kb site new`, or take KB_SITE away.",
        )
    return settings.site


def site_of(settings: Settings, languages: Sequence[str] = ()) -> Site:
    """Return what the library's file says; KB_NAME, where it is set, goes before the file.

    Args:
        settings: where the file is.
        languages: those that the pages are written in, all of which are offered by default.

    Raises:
        InvalidError: the file cannot be read, or something in it is wrong; all of it is named.
    """
    path = file_of(settings)
    said = read(path, languages) if path else Site(languages=tuple(languages) or ("en",))
    if "name" not in settings.model_fields_set:
        return said
    texts = {tag: one.model_copy(update={"name": None}) for tag, one in said.texts.items()}
    return said.model_copy(update={"name": settings.name, "texts": texts})


def read(path: Path, languages: Sequence[str] = ()) -> Site:
    """Return what a site file says.

    Raises:
        InvalidError: the file cannot be read, or something in it is wrong; all of it is named.
    """
    try:
        said = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InvalidError(
            f"{path} cannot be read: {error.strerror}.", hint="Change who may read it."
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidError(
            f"{path} is not written in UTF-8.", hint="Save it again as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidError(
            f"{path} is not TOML: {error}.",
            hint="A text stands in quotes, a list in brackets; `kb site new` shows how.",
        ) from error
    said.setdefault("languages", list(languages) or ["en"])
    try:
        return Site.model_validate(
            said, context={"folder": path.parent, "languages": tuple(languages)}
        )
    except ValidationError as error:
        wrong = [f"{path}: {_key(e)}: {_ended(_told(e))}" for e in error.errors()]
        raise InvalidError("\n".join(wrong), hint=READ_AGAIN) from error


def terms_of(settings: Settings, languages: Sequence[str] = ()) -> Taxonomy:
    """Return the taxonomy: the shipped one, then that of KB_TAXONOMY, then that of the site file.

    Raises:
        InvalidError: the site file or a taxonomy file breaks a rule.
    """
    own = site_of(settings, languages)
    terms = load(shipped(), *settings.taxonomy, *own.taxonomy)
    check_facets(own, terms)
    return terms


def check_facets(site: Site, terms: Taxonomy) -> None:
    """Make sure that each facet is a concept in use that has narrower ones.

    Raises:
        InvalidError: one is not.
    """
    for notation in site.facets:
        if notation not in terms.terms:
            near = get_close_matches(notation, terms.terms, n=1)
            meant = f" Did you mean “{near[0]}”?" if near else ""
            raise InvalidError(
                f"{FILE}: facets: the taxonomy has no concept “{notation}”.{meant}",
                hint="`kb taxonomy list` lists them, those of your own files too.",
            )
        if terms[notation].deprecated or not terms.narrower(notation):
            raise InvalidError(
                f"{FILE}: facets: nothing stands below “{notation}”: there is nothing to choose.",
                hint="Name a broader concept, or add narrower ones in a taxonomy file.",
            )


def _there(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"the file {path} is not there. Paths start at the folder of {FILE}")
    return path


def _key(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"])


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _told(error: ErrorDetails) -> str:
    """Return what is wrong with a value and what to do, in plain words."""
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(limits["error"])
    if kind == "extra_forbidden":
        *place, name = error["loc"]
        models: dict[str, type[BaseModel]] = {"": Site, "colours": Colours, "texts": Texts}
        keys = models[str(place[0]) if place else ""]
        near = get_close_matches(str(name), keys.model_fields, n=1)
        return "there is no such key" + (f". Did you mean “{near[0]}”?" if near else "")
    if kind == "string_too_long":
        return f"it is too long: at most {limits['max_length']} letters"
    if kind == "too_long":
        return f"these are too many: at most {limits['max_length']}"
    told = {
        "string_type": 'write a text in quotes, such as "…"',
        "string_too_short": "it is empty: write something, or take the line out",
        "string_pattern_mismatch": "write a colour as #0b5c6b: six digits of 0-9 and a-f",
        "tuple_type": 'write a list in brackets, such as ["…", "…"]',
        "path_type": "write the name of a file in quotes",
        "dict_type": "write a heading in brackets, such as [texts.en]",
        "model_type": f"write a heading in brackets, such as [{_key(error)}]",
    }
    return told.get(kind, error["msg"])
