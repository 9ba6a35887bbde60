"""The end of a PRD's branch: into its base, pushed, or back to where it began."""
