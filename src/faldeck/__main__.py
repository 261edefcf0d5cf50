"""The `faldeck` command: `python -m faldeck` and the installed script start here."""

import sys

from faldeck.cli.program import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
