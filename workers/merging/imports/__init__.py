"""Imports as sets of names: read in three versions, joined, and written as the file writes them."""
