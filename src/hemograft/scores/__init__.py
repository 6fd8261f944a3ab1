"""Conventional scores of a case before transplant, one file a score; their tables are in data/scores."""
