"""What a broker's statement says, row by row, before any of it becomes an event."""
