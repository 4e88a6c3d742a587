"""Imagine: what the market would do to a book."""
