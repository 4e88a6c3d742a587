"""Tell: reads events only."""
