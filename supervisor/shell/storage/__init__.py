"""What is kept in files: journals, snapshots, events, locks, and where all lies."""
