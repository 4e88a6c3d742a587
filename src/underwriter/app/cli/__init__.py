"""The commands, one file a group, imported when called."""
