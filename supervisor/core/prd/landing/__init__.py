"""The landing of a completed PRD in its base branch."""
