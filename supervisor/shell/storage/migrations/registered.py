"""All migrations, in order, and so the number of the state that this program writes."""

from __future__ import annotations

from collections.abc import Sequence

from .migration import Migration
from .to_1 import TO_1

MIGRATIONS: Sequence[Migration] = (TO_1,)
STATE = MIGRATIONS[-1].to
