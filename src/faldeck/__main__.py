"""The `faldeck` command: `python -m faldeck` and the installed script start here."""

import sys

from faldeck import __version__

__all__ = ["main"]


def main() -> int:
    """Runs the command line of the process and gives its exit status."""
    if sys.argv[1:] == ["--version"]:  # Scripts ask this often, so it costs no import.
        print(f"faldeck {__version__}")  # Says nothing where stdout is closed.
        return 0
    import gc

    # A start is short, and collections would cost a tenth of it: what lasts turns them on again.
    gc.disable()
    from faldeck.cli import main as program

    return program.main()


if __name__ == "__main__":
    sys.exit(main())
