"""Text to vectors: the only door to sentence-transformers, torch, onnxruntime and tokenizers."""

import logging
import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, RLock
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kb.errors import NotReadyError
from kb.processes import alone
from kb.settings import DEFAULT_ENCODER, Settings
from search import weights
from search.weights import SEMANTIC_HINT, Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), rows of unit length
Vector: TypeAlias = NDArray[np.float32]  # shape (dim,), unit length
Encode: TypeAlias = Callable[[Sequence[str]], Vectors]
Progress: TypeAlias = Callable[[int, int], None]  # texts done, texts in all

BATCH = 64  # texts that are encoded at a time
FEW = 64  # texts up to which the graph is quicker than loading torch
# Texts that the graph takes at a time: it pads to the longest, and sentences differ much in
# length. Four take a third of the time of sixteen.
GRAPH_BATCH = 4
PROBE = 16  # texts that decide between bf16 and fp32
FIRST_PROBE = 2  # of them, that may decide at once
LIKENESS = 0.999  # least cosine of a bf16 vector with its fp32 twin
OPSET = 17
QUANTISED = "query-int8.onnx"
MOST_ASKED = 1000  # questions whose vectors are kept; one page asks for the same three times
THREADS = 2  # of one question; more help little and starve the others

# Else onnxruntime keeps a number of this computer in the home folder and sends, where
# it can, what it does to its maker. It looks when it is first imported, which is only done here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

log = logging.getLogger(__name__)


class Encoder:
    """Turns text into unit vectors; loads what it needs when it needs it; shared by threads.

    Questions and a few texts go through a graph that onnxruntime runs without torch. It is
    exported once, on this machine, and kept in `models` under the digest of the weights.
    Many texts go through sentence-transformers, in bf16 where that is equal and faster.
    """

    def __init__(
        self,
        found: Weights,
        *,
        models: Path,
        query_int8: bool = False,
        bf16: bool | None = None,
    ) -> None:
        """Take weights; `bf16` None means that a probe decides."""
        self.weights = found
        self.graphs = models / found.digest
        self._query_int8 = query_int8
        self._bf16 = bf16
        self._lock = RLock()
        self._many = Lock()  # held by who encodes many texts, for whom no question waits
        self._loaded: dict[str, Graph] = {}
        self._asked: dict[str, Vector] = {}

    @property
    def digest(self) -> str:
        """The sha256 of the weights: vectors of another digest cannot be compared."""
        return self.weights.digest

    @property
    def dim(self) -> int:
        """The length of a vector."""
        return self.encode_query("").size

    def encode_query(self, text: str) -> Vector:
        """Return the vector of one question, (dim,), not to be written into."""
        with self._lock:
            vector = self._asked.get(text)
        if vector is None:
            vector = self._graph(int8=self._query_int8)([text])[0]
            vector.setflags(write=False)
            with self._lock:
                if len(self._asked) >= MOST_ASKED:
                    self._asked.clear()
                self._asked[text] = vector
        return vector

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Return the vectors of `texts`, (n, dim), in their order."""
        if len(texts) <= FEW or not _installed():
            return _in_batches(self._graph(), texts, size=GRAPH_BATCH, progress=progress)
        with self._lock:
            bulk = self._bulk
        with self._many:
            return _in_batches(bulk, texts, size=BATCH, progress=progress)

    def knows(self, word: str) -> bool:
        """Return whether the word is one of the encoder's vocabulary, so that it is spelt right."""
        return self._graph(int8=self._query_int8).is_token(word)

    def prepare(self) -> None:
        """Make the graph that encodes questions, if it is not there: slow the first time.

        Raises:
            NotReadyError: torch, which makes it, is not installed.
        """
        self._graph(int8=self._query_int8)

    def _graph(self, *, int8: bool = False) -> "Graph":
        name = QUANTISED if int8 and self._has_quantised else "query.onnx"
        with self._lock:
            if name not in self._loaded:
                path = self.graphs / name
                if not weights.is_whole(path):
                    self._make(path, int8=name == QUANTISED)
                self._loaded[name] = Graph(path, self.weights.folder / "tokenizer.json")
            return self._loaded[name]

    @cached_property
    def _has_quantised(self) -> bool:
        """Whether the graph in 8 bits is there or can be made: onnx comes with torch's extra."""
        return find_spec("onnx") is not None or weights.is_whole(self.graphs / QUANTISED)

    def _make(self, path: Path, *, int8: bool) -> None:
        full = path.with_name("query.onnx")
        with alone(path.with_name("making.lock")):  # who comes second finds it made
            weights.made(full, lambda: export(self._model()))
            if int8:
                weights.made(path, lambda: quantise(full))

    def _model(self) -> Any:
        """Return the sentence-transformers model, whose weights are those that were found.

        Raises:
            NotReadyError: they are damaged, or sentence-transformers is not installed.
        """
        weights.check(self.weights)
        return load(self.weights.folder)

    @cached_property
    def _bulk(self) -> Encode:
        model = self._model()
        full = self.graphs / "query.onnx"
        # torch is here now, and may not be when a question comes
        weights.made(full, lambda: export(model))
        exact = _by(model)
        if self._bf16 is False:
            return exact
        cast = _by(_cast(load(self.weights.folder)))
        return cast if self._bf16 or _as_good(cast, exact) else exact


def find_encoder(settings: Settings) -> Encoder | None:
    """Return the encoder that `settings` name, or None for a library that is searched by words.

    None is the answer when KB_SEMANTIC is false, and (with a warning) when nothing was asked
    for and the default encoder is not installed.

    Raises:
        NotReadyError: an encoder was asked for by name, and it cannot be had.
    """
    if not settings.semantic:
        return None
    if settings.encoder == DEFAULT_ENCODER and weights.packaged() is None:
        log.warning("The library is searched by words only. %s", SEMANTIC_HINT)
        return None
    found = weights.find(settings.encoder, models=settings.models)
    return Encoder(found, models=settings.models, query_int8=settings.query_int8)


class Graph:
    """An exported encoder: tokens in, unit vectors out, without torch."""

    def __init__(self, path: Path, tokenizer: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(THREADS, os.cpu_count() or 1)
        # The arena keeps the memory of the largest batch ever seen, up to a gigabyte.
        options.enable_cpu_mem_arena = False
        # Threads that wait would keep a core busy that readers of files could use.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        known = self._session.get_modelmeta().custom_metadata_map
        self._inputs = [node.name for node in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        # The file may ask for padding to a fixed length, which costs time and changes nothing.
        self._tokenizer.enable_truncation(max_length=int(known["max_length"]))
        self._tokenizer.enable_padding(pad_id=int(known["pad_id"]), pad_token=known["pad_token"])

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of `texts`, (n, dim)."""
        tokens = self._tokenizer.encode_batch(list(texts))
        fields = {
            "input_ids": [t.ids for t in tokens],
            "attention_mask": [t.attention_mask for t in tokens],
            "token_type_ids": [t.type_ids for t in tokens],
        }
        feed = {name: np.array(fields[name], np.int64) for name in self._inputs}
        vectors: Vectors = self._session.run(None, feed)[0]
        return vectors

    def is_token(self, word: str) -> bool:
        """Return whether the word is not taken apart to be encoded."""
        return len(self._tokenizer.encode(word, add_special_tokens=False)) == 1


def load(folder: Path) -> Any:
    """Return the sentence-transformers model in `folder`, ready to encode; nothing is fetched.

    Raises:
        NotReadyError: sentence-transformers is not installed.
    """
    if not _installed():
        raise NotReadyError(
            "Turning texts to vectors needs sentence-transformers, which is not installed.",
            hint=SEMANTIC_HINT,
        )
    # Read when the libraries are imported; the weights are on the disk, so nobody is asked.
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(variable, "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as advice

    advice.disable_progress_bar()  # type: ignore[no-untyped-call]
    no_pickle = {"use_safetensors": True}
    with _quiet():
        model = SentenceTransformer(str(folder), local_files_only=True, model_kwargs=no_pickle)
        return model.eval()


def export(model: Any) -> bytes:
    """Return `model` as an ONNX graph from tokens to unit vectors, pooling included."""
    import onnx
    import torch

    class Unit(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tokens: torch.Tensor) -> torch.Tensor:
            pooled = self.model(dict(zip(names, tokens, strict=True)))["sentence_embedding"]
            return torch.nn.functional.normalize(pooled, dim=-1)

    names = [n for n in model.tokenizer.model_input_names if n != "special_tokens_mask"]
    example = model.tokenizer(["a question", "another one"], return_tensors="pt")
    # The exporter puts the mode it found back, on the wrapper and all below it: a wrapper left
    # in training mode would switch dropout on in the model that others go on using.
    wrapper = Unit().eval()
    with TemporaryDirectory() as folder, _quiet():
        path = Path(folder, "query.onnx")
        torch.onnx.export(
            wrapper.to("cpu"),
            tuple(example[name] for name in names),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=names,
            output_names=["vector"],
            dynamic_axes={name: {0: "text", 1: "token"} for name in names}
            | {"vector": {0: "text"}},
        )
        graph = onnx.load(path)
    tokenizer = model.tokenizer
    onnx.helper.set_model_props(
        graph,
        {
            "max_length": str(model.max_seq_length),
            "pad_id": str(tokenizer.pad_token_id),
            "pad_token": tokenizer.pad_token,
        },
    )
    content: bytes = graph.SerializeToString()
    return content


def quantise(full: Path) -> bytes:
    """Return the graph `full` with the weights of its matrix products in 8 bits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as folder, _quiet():
        path, source = Path(folder, "int8.onnx"), Path(folder, "full.onnx")
        source.symlink_to(full.absolute())  # a graph on the way is written beside it
        # Scales of each channel, in 7 bits, so that processors without VNNI do not overflow:
        # the lowest cosine with fp32 over 200 questions is 0.985, and 0.87 without the two.
        quantize_dynamic(
            source,
            path,
            op_types_to_quantize=["MatMul"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
        return path.read_bytes()


def normalise(vectors: NDArray[Any]) -> Vectors:
    """Scale each row of (n, dim) to unit length.

    Raises:
        ValueError: a row is all zeros, so has no direction.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError("a zero vector has no direction")
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit


def _installed() -> bool:
    return find_spec("sentence_transformers") is not None


def _by(model: Any) -> Encode:
    def encode(texts: Sequence[str]) -> Vectors:
        found = model.encode(list(texts), batch_size=len(texts), show_progress_bar=False)
        return normalise(np.asarray(found, np.float32))

    return encode


def _cast(model: Any) -> Any:
    import torch

    return model.to(torch.bfloat16)


def _as_good(cast: Encode, exact: Encode) -> bool:
    """Return whether `cast` gives nearly the same vectors as `exact`, and sooner.

    A few texts tell at once where a processor has no bf16 of its own and takes four times as
    long; only where they are quicker is the whole probe worth its time.
    """
    texts = [f"Ward {i}: " + "the team met each week and wrote it down. " * 8 for i in range(PROBE)]
    return all(_beats(cast, exact, texts[:n]) for n in (FIRST_PROBE, PROBE))


def _beats(cast: Encode, exact: Encode, texts: Sequence[str]) -> bool:
    exact_s, wanted = _timed(exact, texts)
    cast_s, got = _timed(cast, texts)
    return float((wanted * got).sum(axis=1).min()) > LIKENESS and cast_s < exact_s


def _timed(encode: Encode, texts: Sequence[str]) -> tuple[float, Vectors]:
    encode(texts)  # the first run pays for warming up
    start = perf_counter()
    vectors = encode(texts)
    return perf_counter() - start, vectors


def _in_batches(
    encode: Encode, texts: Sequence[str], *, size: int, progress: Progress | None
) -> Vectors:
    # Texts of one length side by side: a batch is padded to its longest.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    done: list[Vectors] = []
    for start in range(0, len(order), size):
        done.append(encode([texts[i] for i in order[start : start + size]]))
        if progress:
            progress(min(start + size, len(order)), len(order))
    if not done:
        return np.empty((0, 0), np.float32)
    vectors: Vectors = np.empty((len(texts), done[0].shape[1]), np.float32)
    vectors[order] = np.concatenate(done)
    return vectors


@contextmanager
def _quiet() -> "Iterator[None]":
    """Keep the libraries' advice to their own developers from our reader."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
