"""What all that was heard of a run means: words, figures and times of any program."""
