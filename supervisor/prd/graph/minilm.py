"""The forward pass of a small BERT, by NumPy alone: from tokens to one vector of length one.

Texts go through it one by one, so nothing is padded or masked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

# NumPy is an extra: mypy sees none, installed or not, so that it says the same everywhere.
Array = Any
_HEADER_MAX = 1 << 20
_LENGTH_BYTES = 8  # of the header's length


def read_tensors(path: Path) -> dict[str, Array]:
    """The 32-bit tensors of a safetensors file, mapped: only what is used is read."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    size = int.from_bytes(data[:_LENGTH_BYTES].tobytes(), "little")
    begin = _LENGTH_BYTES + size
    if not 0 < size <= _HEADER_MAX or begin > len(data):
        raise ValueError(f"{path}: not a safetensors file")
    header = json.loads(data[_LENGTH_BYTES:begin].tobytes())
    tensors = {}
    for name, about in header.items():
        if name != "__metadata__" and about["dtype"] == "F32":
            first, last = about["data_offsets"]
            if not 0 <= first <= last <= len(data) - begin:
                raise ValueError(f"{path}: the tensor {name} lies outside of the file")
            values = data[begin + first : begin + last].view("<f4")
            tensors[name] = values.reshape(about["shape"])
    return tensors


class MiniLM:
    """A BERT encoder whose answer is the mean over a text's tokens."""

    def __init__(self, tensors: Mapping[str, Array], *, heads: int) -> None:
        self._tensors = tensors
        self._heads = heads
        names = [name.split(".") for name in tensors if name.startswith("encoder.layer.")]
        self._layers = 1 + max(int(name[2]) for name in names)

    def encode(self, tokens: Sequence[int]) -> Array:
        """The vector of a text: the nearer two point in one direction, the more alike."""
        of = self._tensors
        x = of["embeddings.word_embeddings.weight"][list(tokens)]
        x = x + of["embeddings.position_embeddings.weight"][: len(tokens)]
        x = x + of["embeddings.token_type_embeddings.weight"][0]
        x = self._normal(x, "embeddings")
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}"
            attended = self._dense(self._attention(x, name), f"{name}.attention.output.dense")
            x = self._normal(x + attended, f"{name}.attention.output")
            wide = _gelu(self._dense(x, f"{name}.intermediate.dense"))
            x = self._normal(x + self._dense(wide, f"{name}.output.dense"), f"{name}.output")
        mean = x.mean(axis=0)
        return mean / max(float(np.linalg.norm(mean)), 1e-12)

    def _attention(self, x: Array, name: str) -> Array:
        query, key, value = (
            self._dense(x, f"{name}.attention.self.{part}")
            .reshape(len(x), self._heads, -1)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores = scores / scores.sum(axis=-1, keepdims=True)
        return (scores @ value).transpose(1, 0, 2).reshape(x.shape)

    def _dense(self, x: Array, name: str) -> Array:
        return x @ self._tensors[f"{name}.weight"].T + self._tensors[f"{name}.bias"]

    def _normal(self, x: Array, name: str) -> Array:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12)
        return (
            x * self._tensors[f"{name}.LayerNorm.weight"] + self._tensors[f"{name}.LayerNorm.bias"]
        )


def _gelu(x: Array) -> Array:
    """Each x times the normal distribution's share below it, with an error function to 1.5e-7.

    NumPy has no erf: formula 7.1.26 of Abramowitz and Stegun.
    """
    z = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    series = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    erf = np.copysign(1 - series * np.exp(-z * z), x)
    return 0.5 * x * (1 + erf)


def to_bytes(vector: Array) -> bytes:
    """A vector as 32-bit numbers, the lowest byte first."""
    return bytes(vector.astype("<f4").tobytes())


def pairs(vectors: Sequence[bytes], least: float) -> tuple[tuple[int, int, float], ...]:
    """The pairs of vectors (the later one first) whose cosine is at least so much."""
    if not vectors:
        return ()
    matrix = np.stack([np.frombuffer(each, dtype="<f4") for each in vectors])
    scores = matrix @ matrix.T
    ones, others = np.nonzero(np.tril(scores >= least, -1))
    values = np.clip(scores[ones, others], 0.0, 1.0).tolist()
    return tuple(zip(ones.tolist(), others.tolist(), values, strict=True))
