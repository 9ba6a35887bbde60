"""The forward pass on a small random model, against the same sums written out in plain Python."""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy", reason="the extra `embeddings` is not installed")

from prd_supervise.supervisor.prd.graph import minilm

SIZE, WIDE, HEADS, LAYERS, PIECES, PLACES = 8, 16, 2, 2, 11, 6
Rows = list[list[float]]
Model = dict[str, Rows]  # a bias is a matrix of one row


def shapes() -> Iterator[tuple[str, int, int]]:
    yield "embeddings.word_embeddings.weight", PIECES, SIZE
    yield "embeddings.position_embeddings.weight", PLACES, SIZE
    yield "embeddings.token_type_embeddings.weight", 2, SIZE
    yield from ((f"embeddings.LayerNorm.{part}", 1, SIZE) for part in ("weight", "bias"))
    dense = {
        "attention.self.query": (SIZE, SIZE),
        "attention.self.key": (SIZE, SIZE),
        "attention.self.value": (SIZE, SIZE),
        "attention.output.dense": (SIZE, SIZE),
        "intermediate.dense": (WIDE, SIZE),
        "output.dense": (SIZE, WIDE),
    }
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        for name, (rows, columns) in dense.items():
            yield f"{layer}.{name}.weight", rows, columns
            yield f"{layer}.{name}.bias", 1, rows
        for name in ("attention.output", "output"):
            yield from (
                (f"{layer}.{name}.LayerNorm.{part}", 1, SIZE) for part in ("weight", "bias")
            )


@pytest.fixture(scope="module")
def model() -> Model:
    chance = random.Random(4)  # noqa: S311
    return {
        name: [[chance.uniform(-1, 1) for _ in range(columns)] for _ in range(rows)]
        for name, rows, columns in shapes()
    }


def safetensors(tensors: Model, **more: Any) -> bytes:  # noqa: ANN401  a header's values
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, rows in tensors.items():
        values = [value for row in rows for value in row]
        packed = struct.pack(f"<{len(values)}f", *values)
        shape = [len(rows), len(rows[0])] if len(rows) > 1 else [len(values)]
        offsets = [len(data), len(data) + len(packed)]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
        data += packed
    text = json.dumps(header | more).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<Q", len(text)) + text + data


# --- the same, slowly --------------------------------------------------------------------------


def dense(x: Rows, of: Model, name: str) -> Rows:
    (bias,) = of[f"{name}.bias"]
    weight = of[f"{name}.weight"]
    return [
        [
            sum(a * b for a, b in zip(row, column, strict=True)) + more
            for column, more in zip(weight, bias, strict=True)
        ]
        for row in x
    ]


def plus(*all_of_them: Rows) -> Rows:
    return [
        [sum(each) for each in zip(*rows, strict=True)] for rows in zip(*all_of_them, strict=True)
    ]


def normal(x: Rows, of: Model, name: str) -> Rows:
    (weight,), (bias,) = of[f"{name}.LayerNorm.weight"], of[f"{name}.LayerNorm.bias"]
    found = []
    for row in x:
        mean = sum(row) / len(row)
        spread = math.sqrt(sum((each - mean) ** 2 for each in row) / len(row) + 1e-12)
        normed = [(each - mean) / spread for each in row]
        found.append([n * w + b for n, w, b in zip(normed, weight, bias, strict=True)])
    return found


def attention(x: Rows, of: Model, name: str) -> Rows:
    query, key, value = (dense(x, of, f"{name}.{part}") for part in ("query", "key", "value"))
    width = SIZE // HEADS
    found: Rows = [[] for _ in x]
    for head in range(HEADS):
        part = slice(head * width, (head + 1) * width)
        for at, asked in enumerate(query):
            scores = [
                math.exp(
                    sum(a * b for a, b in zip(asked[part], each[part], strict=True))
                    / math.sqrt(width)
                )
                for each in key
            ]
            found[at] += [
                sum(score * each[part][n] for score, each in zip(scores, value, strict=True))
                / sum(scores)
                for n in range(width)
            ]
    return found


def slowly(of: Model, tokens: list[int]) -> list[float]:
    x = normal(
        plus(
            [of["embeddings.word_embeddings.weight"][token] for token in tokens],
            of["embeddings.position_embeddings.weight"][: len(tokens)],
            [of["embeddings.token_type_embeddings.weight"][0]] * len(tokens),
        ),
        of,
        "embeddings",
    )
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        attended = attention(x, of, f"{layer}.attention.self")
        attended = dense(attended, of, f"{layer}.attention.output.dense")
        x = normal(plus(x, attended), of, f"{layer}.attention.output")
        wide = [
            [0.5 * each * (1 + math.erf(each / math.sqrt(2))) for each in row]
            for row in dense(x, of, f"{layer}.intermediate.dense")
        ]
        x = normal(plus(x, dense(wide, of, f"{layer}.output.dense")), of, f"{layer}.output")
    mean = [sum(column) / len(x) for column in zip(*x, strict=True)]
    length = math.sqrt(sum(each * each for each in mean))
    return [each / length for each in mean]


# --- what is tried -----------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", [[3], [2, 3], [1, 9, 9, 4, 0, 10]])
def test_the_forward_pass_is_what_plain_sums_come_to(
    tmp_path: Path, model: Model, tokens: list[int]
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors(model))
    vector = minilm.MiniLM(minilm.read_tensors(path), heads=HEADS).encode(tokens)
    assert struct.unpack(f"<{SIZE}f", minilm.to_bytes(vector)) == pytest.approx(
        slowly(model, tokens), abs=2e-5
    )


def test_tensors_are_read_with_their_shapes_and_what_is_no_float_is_passed_over(
    tmp_path: Path,
) -> None:
    path = tmp_path / "model.safetensors"
    numbers = {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}
    path.write_bytes(safetensors({"a": [[1, 2, 3], [4, 5, 6]], "b": [[7, 8]]}, ids=numbers))
    found = {name: each.tolist() for name, each in minilm.read_tensors(path).items()}
    assert found == {"a": [[1, 2, 3], [4, 5, 6]], "b": [7, 8]}


@pytest.mark.parametrize(
    "data",
    [
        b"\x02",
        struct.pack("<Q", 0) + b"{}",
        struct.pack("<Q", 1 << 62) + b"{}",
        struct.pack("<Q", 2) + b"{",
        safetensors({"a": [[1.0, 2.0]]})[:-1],
        safetensors({}, a={"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="safetensors"):
        minilm.read_tensors(path)


def test_pairs_are_those_whose_vectors_point_in_one_direction() -> None:
    vectors = [struct.pack("<2f", *each) for each in ((1, 0), (0, 1), (0.8, 0.6), (-1, 0))]
    found = minilm.pairs(vectors, 0.5)
    assert [(one, other) for one, other, _ in found] == [(2, 0), (2, 1)]
    assert [score for *_, score in found] == pytest.approx([0.8, 0.6])
    assert [pair[:2] for pair in minilm.pairs(vectors, -1.0)] == [
        (one, other) for one in range(4) for other in range(one)
    ]
    assert minilm.pairs([], 0.5) == ()
