"""One command at work: started, bounded, watched, ended with all that it left."""
