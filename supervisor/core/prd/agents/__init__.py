"""Which agents a story may have, and what follows from how one of them ended."""
