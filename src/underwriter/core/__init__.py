"""What we would do: pure decisions on integers and columns."""
