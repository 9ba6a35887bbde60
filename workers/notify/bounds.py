"""How long a delivery may take. Root and the command line need these, and not what delivers."""

COMMAND_S = 10.0
TRY_S = 8.0  # for one answer of a webhook
RETRY_S = 20.0  # nothing is tried anew after that
PAUSE_S_MAX = 5.0  # between two tries
TOTAL_S = RETRY_S + PAUSE_S_MAX + TRY_S  # the whole is over by then, or is ended
