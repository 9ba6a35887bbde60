"""The PRD file in commits: copied out, marked, put back, taken anew."""
