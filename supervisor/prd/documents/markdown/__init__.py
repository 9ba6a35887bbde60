"""Markdown as a language of PRDs: its blocks, and what of them speaks of stories."""
