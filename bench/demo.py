"""What a person waits for: --help, the demo's first run and its next; its peak memory."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from told import seconds, tell

COMMAND = Path(sys.executable).with_name("underwriter")
_KIB_A_MB = 1024.0


def main() -> None:
    """Measure with an empty home, then with the home that this leaves."""
    with TemporaryDirectory() as folder:

        def call(*words: str) -> None:
            home = {**os.environ, "UNDERWRITER_HOME": str(Path(folder) / "home")}
            subprocess.run(  # noqa: S603  our own command
                [COMMAND, *words], env=home, cwd=folder, check=True, capture_output=True
            )

        tell("demo, first run, compiling", "40 s", seconds(lambda: call("demo"), 1), "s")
        tell("demo, next run", "5 s", seconds(lambda: call("demo"), 5), "s")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _KIB_A_MB
        tell("demo, peak memory", "700 MB", [peak], "MB")
        tell("underwriter --help", "0.3 s", seconds(lambda: call("--help"), 20), "s")


if __name__ == "__main__":
    main()
