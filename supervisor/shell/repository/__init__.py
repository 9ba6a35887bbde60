"""The user's repository as the commands see it, beside a tree or without one."""
