"""Metrics: what a PRD's supervisor and root measure, kept over crashes, and told to others."""
