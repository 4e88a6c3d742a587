"""The parts of this folder, and the reference beside it, by their names."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
