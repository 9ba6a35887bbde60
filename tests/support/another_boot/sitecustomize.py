"""Put into the processes of a tree under test by PYTHONPATH: the kernel's boot is a file's text.

The product knows nothing of it. BOOT_ID_FILE says which file.
"""

from __future__ import annotations

import os
from pathlib import Path

from prd_supervise.workers.process import boot

boot.BOOT_ID = Path(os.environ["BOOT_ID_FILE"])
