"""The notifier: a process that runs a command and posts to a webhook, so that root never waits."""
