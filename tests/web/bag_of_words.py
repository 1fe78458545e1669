"""An encoder that knows no meaning, only words, so that what a test expects is exact."""

from zlib import crc32

import numpy as np

DIM = 64


class BagOfWords:
    """Texts that share words are near each other."""

    digest = "bag-of-words"
    dim = DIM

    def encode_query(self, text: str):
        return self.encode([text])[0]

    def knows(self, word: str) -> bool:
        return False

    def encode(self, texts, *, progress=None):
        vectors = np.zeros((len(texts), DIM), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, crc32(word.encode()) % DIM] += 1
            vectors[row, 0] += 0.01  # no text is nothing
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
