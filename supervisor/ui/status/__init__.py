"""`status`: PRDs and stories, whether root runs or not."""
