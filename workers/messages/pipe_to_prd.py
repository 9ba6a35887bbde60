"""All words that root and a PRD supervisor hear of each other, by their modules."""

from __future__ import annotations

from . import approval, budget, figures, gate, pace, prd

WORDS = (prd, gate, budget, pace, approval, figures)
