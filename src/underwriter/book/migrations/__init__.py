"""Alembic's steps from one format of a journal in PostgreSQL to the next."""
