"""What may be raised, one class a cause.

A fact about the world is a value (a refusal, a break, a count of dropped quotes); an exception
is a wrong input, a broken wire or a bug.

    UnderwriterError            one clear line: what was found, where, what is allowed
    |-- InputError              a file, key or argument that cannot be used        exit code 2
    |-- JournalError            the journal cannot be opened, read or written      exit code 1
    |-- LakeError               the lake cannot be read, or another writes to it   exit code 1
    |-- NetworkError            another machine cannot be reached, or refuses      exit code 1

The command line prints the message alone and ends with the class's `exit_code`.
"""


class UnderwriterError(Exception):
    """The root: everything this system raises on purpose."""

    exit_code = 1


class InputError(UnderwriterError):
    """Input that cannot be used; the message names place, finding and what is allowed."""

    exit_code = 2


class JournalError(UnderwriterError):
    """The journal cannot be opened, read or written."""


class LakeError(UnderwriterError):
    """The lake cannot be opened or read, or another process writes to it."""


class NetworkError(UnderwriterError):
    """Another machine cannot be reached, or has not what it was asked for."""
