"""What is, and was, quoted."""
