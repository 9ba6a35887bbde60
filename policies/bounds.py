"""The greatest values that a setting can have, wherever it is written."""

from __future__ import annotations

COUNT_MAX = 10_000
AUTO_WORKERS = -1  # "auto", where only numbers are
SECONDS_MAX = 1_000_000.0
DAYS_MAX = 36_500.0
TOKENS_MAX = 1_000_000_000_000
