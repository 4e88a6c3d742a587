"""`python -m underwriter`: the command line."""

from underwriter.app.cli.main import main

main()
