"""The words that supervisors and their children say to each other: data only.

Every answer names the story and the attempt that it belongs to, so that a late one is recognised by
comparison. Deadlines are CLOCK_MONOTONIC seconds, which all processes of a machine share.
"""
