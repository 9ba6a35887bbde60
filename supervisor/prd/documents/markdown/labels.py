"""The labels of a story and of a PRD, such as **Status:**, and what they stand for."""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

# Our names of what is labelled, and what people call it: without case and accents.
_NAMES = {
    "id": "id, story id, task id",
    "title": "title, titulo",
    "description": "description, user story, story description, task description, "
    "descricao, descripcion, historia de usuario, historia do usuario",
    "acceptanceCriteria": "acceptance criteria, acceptance criterion, acceptance, criteria, ac, "
    "acceptance tests, success criteria, definition of done, done when, done criteria, "
    "criterios de aceitacao, criterios de aceite, criterio de aceite, criterios, "
    "criterios de aceptacion, criterio de aceptacion",
    "priority": "priority, prioridade, prioridad",
    "status": "status, state, estado, situacao",
    "dependsOn": "depends on, dependencies, dependency, depends, blocked by, requires story, "
    "dependson, blockedby, dependencias, dependencia, depende de, bloqueado por, bloqueada por",
    "targetFiles": "file scope, files, file, target files, target file, affected files, "
    "files affected, files to modify, files to change, files to create, files to touch, "
    "files touched, modified files, allowed paths, touches, targetfiles, filescope, scope of files,"
    "arquivos, arquivos afetados, ficheiros, archivos, archivos afectados",
    "agent": "agent, assigned agent, agente, agente asignado",
    "model": "model, suggested model, modelo",
    "complexity": "complexity, estimated complexity, complexidade, complejidad",
    "verify": "verify, verify command, verify commands, verification command, "
    "verification commands, verification, test command, test commands, quality gate, "
    "quality gates, gates, verificacao, verificacion, comando de teste, comandos de teste, "
    "comando de prueba",
    "mutex": "mutex, mutexes, locks, exclusive",
    "noCode": "no code, nocode, no code change, no code changes, sem codigo, sin codigo",
    # Of a PRD as a whole.
    "branchName": "branch, branch name, branchname, feature branch, git branch, ramo, rama",
    "project": "project, project name, projeto, proyecto",
    "prdId": "prd id, prd",
}
_KEYS = {
    name.strip(): key for key, names in _NAMES.items() for name in names.split(",") if name.strip()
}
# Words of prose as well: they are labels only if they are marked as such.
_BOLD_ONLY = {
    *("acceptance", "criteria", "ac", "file", "state", "requires story", "scope of files", "locks"),
    *("gates", "exclusive", "story description", "prd", "touches", "depends", "id", "title"),
    *("project", "model", "description", "agent", "verification", "complexity"),
}

_NAME_MAX = 60
_MARKED = re.compile(
    rf"(\*\*|__|\*|_)\s{{0,3}}([^*:\uff1a\n]{{1,{_NAME_MAX}}})([:\uff1a]?)\s{{0,3}}\1"
    r"[ \t]*([:\uff1a]?)[ \t]*"
)
_PLAIN = re.compile(rf"([^\W\d_][^*:\uff1a`|\n]{{0,{_NAME_MAX}}})[:\uff1a](?=\s|$)[ \t]*")
# `**Priority:** high | **Status:** todo`
_NEXT = re.compile(
    rf"[|·•;,]\s{{0,9}}(?=(?:\*\*|__)[^*:\uff1a\n]{{1,{_NAME_MAX}}}(?:[:\uff1a]\*\*|\*\*\s?[:\uff1a]))"
)
_SYMBOLS_FROM = "\u2000"  # there is none of them before


class Label(Struct, frozen=True, kw_only=True):
    """A label at the begin of a line; `key` is empty if it is none of ours.

    `start` and `end` are where its value stands in that line.
    """

    key: str
    start: int
    end: int


def labels(line: str) -> list[Label]:
    """The labels of a line that begins with one; several may share it."""
    found: list[Label] = []
    at = symbols(line)
    while True:
        label = _label(line, at)
        if label is None:
            return found
        following = _NEXT.search(line, label.start)
        end = len(line) if following is None else following.start()
        found.append(Label(key=label.key, start=label.start, end=end))
        if following is None:
            return found
        at = following.end()


def key_of(name: str) -> str:
    """What a name stands for as a heading or a label; empty if it is none of ours."""
    return _KEYS.get(folded(name), "")


def folded(text: str) -> str:
    """The begin of the text in small letters without accents, and without other signs."""
    bare = plain(text[: 2 * _NAME_MAX])
    letters = unicodedata.normalize("NFKD", bare.casefold())
    base = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s]|_", " ", base).split())


def plain(text: str) -> str:
    """The text without emphasis, code marks, links and leading symbols."""
    bare = re.sub(r"\[([^\[\]]*)\]\([^()\s]*\)", r"\1", text)
    bare = re.sub(r"[*`]|~~|(?<!\w)_{1,3}|_{1,3}(?!\w)", "", bare)
    return bare[symbols(bare) :].strip()


def leading(text: str) -> str:
    """The words that a short value begins with, without the remark behind them."""
    return re.split(r"\s[-\u2013\u2014]+\s|[(|;,\u2013\u2014]|\.\s", plain(text), maxsplit=1)[
        0
    ].strip(" .\t")


def symbols(text: str) -> int:
    """How many characters of symbols, such as emoji, the text begins with."""
    at = 0
    while at < len(text) and (text[at].isspace() or _is_symbol(text[at])):
        at += 1
    return at


def _label(line: str, at: int) -> Label | None:
    found = _MARKED.match(line, at)
    if found is not None:
        name = found.group(2).strip()
        has_colon = bool(found.group(3) or found.group(4))
        is_whole = found.end() == len(line)
        if name and (has_colon or (is_whole and len(found.group(1)) > 1)):
            return Label(key=key_of(name), start=found.end(), end=len(line))
        return None
    found = _PLAIN.match(line, at)
    if found is None:
        return None
    name = folded(found.group(1))
    is_word_of_prose = name in _BOLD_ONLY and not found.group(1)[:1].isupper()
    if name not in _KEYS or is_word_of_prose:
        return None
    return Label(key=_KEYS[name], start=found.end(), end=len(line))


def _is_symbol(char: str) -> bool:
    return char > _SYMBOLS_FROM and unicodedata.category(char) in {
        "So",
        "Sk",
        "Cf",
        "Mn",
        "Me",
        "Cn",
    }
