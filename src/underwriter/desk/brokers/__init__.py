"""Brokers behind the one port, one file each; every one passes tests/conformance."""
