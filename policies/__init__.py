"""Pure decisions: what should be done."""
