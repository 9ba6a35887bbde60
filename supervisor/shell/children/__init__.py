"""The child processes of a supervisor: their start, pulse, end and remains."""
