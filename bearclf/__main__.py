"""``python -m bearclf``."""

import sys

from bearclf.cli import main

sys.exit(main(prog="python -m bearclf"))
