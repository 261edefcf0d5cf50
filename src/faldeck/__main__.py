"""The `faldeck` command: `python -m faldeck` and the installed script start here."""

import sys


def main() -> int:
    """Run the command line in `sys.argv` and return its exit status (design §9)."""
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
