"""Write `contrib/` anew, from the functions that `service install` uses."""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from prd_supervise.supervisor.ui.service.contrib import contrib_texts


def main() -> None:
    for name, text in contrib_texts().items():
        path = CHECKOUT / "contrib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
