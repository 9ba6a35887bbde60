"""The forms that PRD documents have: recognised, and where their stories stand in them."""
