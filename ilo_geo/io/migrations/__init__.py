"""Alembic's scripts: how the council's tables came to be what they are."""
