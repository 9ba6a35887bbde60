"""The supervision tree."""
