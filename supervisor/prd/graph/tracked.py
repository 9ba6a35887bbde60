"""The files that exist: one that two globs both match makes their meeting certain."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from .globs import glob_of, matches

LOOKS_MAX = 300_000  # files that are tried in all; after that no example is found any more


class Tracked:
    """The paths of a repository, in an order in which those of a folder stand together."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = sorted((path.casefold(), path) for path in paths)
        self._looks = 0

    def example(self, one: str, other: str) -> str:
        """A file that both globs match; empty if none was found."""
        narrow, wide = sorted((one, other), key=_depth, reverse=True)
        for path in self._below(narrow):
            if matches(narrow, path) and matches(wide, path):
                return path
        return ""

    def _below(self, glob: str) -> Iterator[str]:
        """The files with the literal beginning of the glob."""
        for way in glob_of(glob):
            prefix = "/".join(way.prefix)
            for at in range(bisect_left(self._paths, (prefix,)), len(self._paths)):
                folded, path = self._paths[at]
                self._looks += 1
                if not folded.startswith(prefix) or self._looks > LOOKS_MAX:
                    break
                yield path


def _depth(glob: str) -> int:
    return min((len(way.prefix) for way in glob_of(glob)), default=0)
