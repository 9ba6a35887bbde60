"""`init`: settings and an example PRD, or any PRD in our own form."""
