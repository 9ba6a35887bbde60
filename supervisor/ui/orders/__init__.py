"""What operators order: hold, release, retry, restart."""
