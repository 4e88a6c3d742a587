"""The sections of the tearsheet, one file a subject; each function gives one section."""
