"""What has happened: append-only."""
