"""The forms of PRDs: what the parts of a parsed document mean."""
