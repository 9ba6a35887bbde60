"""Notifications, as root sees them: what is worth one, and the process that delivers it."""
