"""The lake: segments that never change, and one catalogue that says which of them count."""
