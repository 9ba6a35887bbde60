"""The merge train of a PRD: how it forms, is verified, arrives, and who starts from it."""
