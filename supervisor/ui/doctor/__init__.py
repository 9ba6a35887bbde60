"""The command `doctor`: what has to be right before a night, looked at beforehand."""
