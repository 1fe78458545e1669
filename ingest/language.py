"""The language of a text: the only door to py3langid."""

from functools import cache
from typing import Any

from ingest.sentences import one_line

# Languages in which health workers write to such a library; a short list errs less than all 97.
LANGUAGES = (
    "en",
    "fr",
    "es",
    "pt",
    "sw",
    "de",
    "ar",
    "am",
    "hi",
    "bn",
    "ne",
    "ur",
    "id",
    "vi",
    "rw",
)
ENOUGH = 60  # characters below which nothing is said
SURE = 0.9  # probability above which a text's words outweigh what its file declares


def language_of(text: str, *, declared: str = "") -> str:
    """Return the BCP 47 tag of the language of `text`, or "" where it cannot be told.

    `declared` is what the file says of itself. It decides where the words do not, and it keeps
    its region where both agree: office programs declare the language they were installed in.
    """
    plain = one_line(text)
    if len(plain) < ENOUGH:
        return declared
    found, probability = _identifier().classify(plain)
    if declared.split("-", maxsplit=1)[0] == found:
        return declared
    return str(found) if probability >= SURE else declared


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  # loads a model

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
