"""What an outline says of each language's constructs."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.workers.syntax.bounded import TEXT_S
from prd_supervise.workers.syntax.languages import Language, language_of
from prd_supervise.workers.syntax.outline import BYTES_MAX, outline
from prd_supervise.workers.syntax.words import Atom, Outline

PYTHON = '''\
"""Text."""
from __future__ import annotations
import os, re as regex
import a.b
from .near import (
    one,
    two as second,
)
from far import *

LIMIT: int = 3
first, (other, _) = 1, (2, 3)


@decorated
async def work(a, /, b: int = 1, *rest, c, d=2, **more) -> str:
    def inner(x):
        return x.member + LIMIT
    return inner(a)


class Box(Base):
    size = 1

    @staticmethod
    def make(a): ...

    def turn(self, by: int) -> None:
        self.turn(by)
        call(one, key=second, *rest)


if LIMIT:
    import late
'''
TYPESCRIPT = """\
import main, { type A, b as c } from './x';
import * as all from 'y';
import type { T } from './t';
import './side';
import old = require('z');
export { p as q } from './q';
export * from './r';
const { read, write: put } = require('fs');
export const LIMIT = 3;
@Decorated()
export class Box<V> extends Base {
  size = 1;
  turn = (by: number) => by;
  constructor(private by: string, more?: number) { super(); }
  static async make(...rest: any[]): Promise<void> { new Box('a'); }
}
export default function work(a: string, b = 1): string { return all.deep.call(a, ...b); }
interface Shape { area(by: number): void }
type Name = string;
enum Kind { One }
namespace Space { export const inner = 1; }
abstract class Half { abstract open(): void }
"""
JAVASCRIPT = """\
const fs = require('fs');
import def from 'mod';
exports.one = function (a, b) { return fs.read(a); };
module.exports = { two };
function* two(first = 1, ...rest) {}
Box.prototype.turn = function () {};
class Box { static make() {} field = 1 }
const three = async x => x;
"""
RUST = """\
use std::{fmt, io::{self, Read as R}, collections::*};
pub use crate::a::B;
extern crate old;

#[derive(Debug)]
#[cfg(test)]
pub struct Box<T> { a: T }
impl<T> fmt::Display for Box<T> {
    pub fn turn(&self, by: u8, (x, y): (u8, u8)) -> Self {
        let z = 1; self.turn(by, z); crate::a::go(1)
    }
}
impl Box<u8> { const ONE: u8 = 1; }
pub trait Shape { fn area(&self) -> u8; }
enum Kind { One, Two(u8) }
union Raw { a: u8 }
type Name = u8;
const LIMIT: u8 = 1;
static STILL: u8 = 2;
macro_rules! shout { () => {} }
mod tests { use super::*; fn inner() {} }
fn work<T>(a: T) { shout!(a); work::<u8>(LIMIT) }
"""
SOURCES = {
    Language.PYTHON: PYTHON,
    Language.TYPESCRIPT: TYPESCRIPT,
    Language.TSX: TYPESCRIPT.replace("return all", "const x = <p>{all.x}</p>; return all"),
    Language.JAVASCRIPT: JAVASCRIPT,
    Language.RUST: RUST,
}


def read(language: Language) -> Outline:
    made = outline(language, SOURCES[language].encode())
    assert made is not None
    assert made.is_whole
    return made


def entities(made: Outline) -> list[str]:
    return [str(entity) for entity in made.entities]


def lines(made: Outline, name: str) -> tuple[int, int]:
    return next((one.first, one.last) for one in made.entities if one.qualified == name)


def signature(made: Outline, name: str) -> str:
    found = next(one.signature for one in made.entities if one.qualified == name)
    assert found is not None
    return found.text


def test_python_is_outlined() -> None:
    made = read(Language.PYTHON)
    assert entities(made) == [
        "function work",
        "function work.inner",
        "class Box",
        "method Box.make",
        "method Box.turn",
    ]
    assert lines(made, "work") == (15, 19)  # with its decorator
    expected = "@decorated async (a, /, b: int = 1, *rest, c, d=2, **more) -> str"
    assert signature(made, "work") == expected
    assert made.atoms == (
        Atom(module="__future__", name="annotations"),
        Atom(module="os"),
        Atom(module="re", alias="regex"),
        Atom(module="a.b"),
        Atom(module=".near", name="one"),
        Atom(module=".near", name="two", alias="second"),
        Atom(module="far", name="*"),
        Atom(module="late"),
    )
    assert made.takes_everything
    assert (made.imports[3].first, made.imports[3].last) == (5, 8)
    names = {"annotations", "os", "regex", "a", "one", "second", "late"}
    assert made.bindings.keys() == names | {"LIMIT", "first", "other", "_", "work", "Box"}
    assert {"inner", "x", "b", "rest", "self", "size"} <= made.locals
    assert made.uses["LIMIT"] == (18, 33)
    assert "member" not in made.uses
    assert "key" not in made.uses
    call = next(call for call in made.calls if call.name == "call")
    assert (call.places, call.names, call.is_open, call.owner) == (2, ("key",), True, "Box.turn")
    turn = next(call for call in made.calls if call.name == "turn")
    assert (turn.receiver, turn.line, turn.places) == ("self", 29, 1)
    about = {line: made.about(line) for line in (6, 11, 12, 18, 23, 29, 33, 10)}
    assert about == {
        6: "imports",
        11: "module statement LIMIT",
        12: "module statement first, (other, _)",
        18: "function work.inner",
        23: "class Box",
        29: "method Box.turn",
        33: "module statement",
        10: "",
    }


@pytest.mark.parametrize("language", [Language.TYPESCRIPT, Language.TSX])
def test_typescript_is_outlined(language: Language) -> None:
    made = read(language)
    assert entities(made) == [
        "class Box",
        "method Box.turn",
        "method Box.constructor",
        "method Box.make",
        "function work",
        "interface Shape",
        "method Shape.area",
        "type Name",
        "enum Kind",
        "namespace Space",
        "class Half",
        "method Half.open",
    ]
    assert lines(made, "Box") == (10, 16)
    assert signature(made, "Box.make") == "static async (...rest: any[]): Promise<void>"
    assert signature(made, "work") == "(a: string, b = 1): string"
    assert made.atoms == (
        Atom(module="./x", name="default", alias="main"),
        Atom(module="./x", name="A", kind="type"),
        Atom(module="./x", name="b", alias="c"),
        Atom(module="y", name="*", alias="all"),
        Atom(module="./t", name="T", kind="type"),
        Atom(module="./side", kind="side effect"),
        Atom(module="z", name="*", alias="old", kind="require"),
        Atom(module="./q", name="p", alias="q", kind="re-export"),
        Atom(module="./r", name="*", kind="re-export"),
        Atom(module="fs", name="read", kind="require"),
        Atom(module="fs", name="write", alias="put", kind="require"),
    )
    assert made.about(9) == "module statement LIMIT"
    assert made.about(2) == "imports"
    assert {"main", "A", "c", "all", "T", "old", "read", "put", "LIMIT"} <= made.bindings.keys()
    assert "q" not in made.bindings
    assert {"by", "more", "rest", "V"} <= made.locals
    call = next(call for call in made.calls if call.name == "call")
    assert (call.receiver, call.places, call.is_open, call.owner) == ("all.deep", 2, True, "work")
    assert any(call.name == "Box" and call.places == 1 for call in made.calls)


def test_javascript_is_outlined() -> None:
    made = read(Language.JAVASCRIPT)
    assert entities(made) == [
        "function exports.one",
        "function two",
        "function Box.prototype.turn",
        "class Box",
        "method Box.make",
        "function three",
    ]
    assert made.atoms == (
        Atom(module="fs", name="*", alias="fs", kind="require"),
        Atom(module="mod", name="default", alias="def"),
    )
    assert made.about(4) == "module statement module.exports"
    assert made.uses["two"] == (4,)
    assert made.uses["fs"] == (3,)


def test_rust_is_outlined() -> None:
    made = read(Language.RUST)
    assert entities(made) == [
        "struct Box",
        "impl fmt::Display for Box",
        "method fmt::Display for Box::turn",
        "impl Box",
        "constant Box::ONE",
        "trait Shape",
        "method Shape::area",
        "enum Kind",
        "union Raw",
        "type Name",
        "constant LIMIT",
        "constant STILL",
        "macro shout",
        "module tests",
        "function tests::inner",
        "function work",
    ]
    assert lines(made, "Box")[0] == 5  # with its attributes
    expected = "(&self, by: u8, (x, y): (u8, u8)) -> Self"
    assert signature(made, "fmt::Display for Box::turn") == expected
    assert made.atoms == (
        Atom(module="std", name="fmt"),
        Atom(module="std", name="io"),
        Atom(module="std::io", name="Read", alias="R"),
        Atom(module="std::collections", name="*"),
        Atom(module="crate::a", name="B", kind="re-export"),
        Atom(module="", name="old"),
        Atom(module="super", name="*"),
    )
    assert [statement.is_local for statement in made.imports] == [False, False, False, True]
    assert {"x", "y", "z", "T", "by"} <= made.locals
    assert {"turn", "go", "work"} == {call.name for call in made.calls}
    go = next(call for call in made.calls if call.name == "go")
    assert (go.receiver, go.places) == ("crate::a", 1)


@pytest.mark.parametrize(
    ("path", "first", "expected"),
    [
        ("a/b.py", b"", Language.PYTHON),
        ("a.pyi", b"", Language.PYTHON),
        ("a.RS", b"", Language.RUST),
        ("a.d.ts", b"", Language.TYPESCRIPT),
        ("a.tsx", b"", Language.TSX),
        ("a.jsx", b"", Language.JAVASCRIPT),
        ("a.cjs", b"", Language.JAVASCRIPT),
        ("bin/run", b"#!/usr/bin/env python3.11\nx", Language.PYTHON),
        ("bin/run", b"#!/usr/bin/node\n", Language.JAVASCRIPT),
        ("bin/run", b"#!/bin/sh\n# python\n", None),
        ("a.md", b"#!/usr/bin/python\n", None),
        ("py", b"import os\n", None),
    ],
)
def test_a_language_is_known_by_the_name_or_the_first_line(
    path: str, first: bytes, expected: Language | None
) -> None:
    assert language_of(path, first) is expected


@pytest.mark.parametrize("language", Language)
def test_a_broken_place_is_told_and_the_rest_is_read(language: Language) -> None:
    text = SOURCES[language] + "\n" * 3 + "= = ) ]\n"
    made = outline(language, text.encode())
    assert made is not None
    assert not made.is_whole
    assert len(made.entities) >= 5
    assert made.about(made.errors[0][0]) == ""


@pytest.mark.parametrize("language", Language)
def test_nothing_is_said_of_what_is_too_big_or_no_code(language: Language) -> None:
    assert outline(language, b"x" * (BYTES_MAX + 1)) is None
    assert outline(language, b"(" * 20_000) is None
    noise = random.Random(1).randbytes(20_000)  # noqa: S311  no secret
    assert outline(language, noise) is None
    assert outline(language, b"") is not None


@pytest.mark.parametrize("language", Language)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_text_makes_it_fail(language: Language, data: st.DataObject) -> None:
    source = SOURCES[language].encode()
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(source))] * 2)))
    inside = data.draw(st.binary(max_size=40) | st.sampled_from([b"(", b"}", b'"', b"\\", b"\xff"]))
    made = outline(language, source[:start] + inside + source[end:])
    count = len((source[:start] + inside + source[end:]).split(b"\n"))
    for entity in made.entities if made is not None else ():
        assert 1 <= entity.first <= entity.last <= count


def test_deep_nesting_costs_neither_the_stack_nor_much_time() -> None:
    deep = b"".join(b" " * level + b"def f():\n" for level in range(150)) + b" " * 150 + b"x = 1\n"
    made = outline(Language.PYTHON, deep)
    assert made is not None
    assert len(made.entities) == 12
    assert outline(Language.JAVASCRIPT, b"[" * 5000 + b"1" + b"]" * 5000) is not None


@pytest.mark.parametrize("text", [b'"' * 999_000, b'f"{' * 300_000, b"`${" * 300_000])
def test_what_would_take_a_parser_minutes_is_not_read(text: bytes) -> None:
    began_s = time.thread_time()

    assert outline(Language.RUST, text) is None

    assert time.thread_time() - began_s < 2 * TEXT_S


def test_after_a_text_that_was_given_up_others_are_read_as_ever() -> None:
    ordinary = b"fn one() {}\n"
    before = outline(Language.RUST, ordinary)

    assert outline(Language.RUST, b'"' * 999_000) is None

    assert outline(Language.RUST, ordinary) == before
