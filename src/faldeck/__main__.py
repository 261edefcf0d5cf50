"""The `faldeck` command: `python -m faldeck` and the installed script start here.

The only place that knows both faces: without a command it opens the deck, else it runs the command.
"""

import sys

from faldeck import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for the time that its import takes.
    from faldeck.app.exit_status import ExitStatus
    from faldeck.cli.context import CommandContext

__all__ = ["main"]


def main() -> int:
    """Runs the command line of the process and gives its exit status."""
    if sys.argv[1:] == ["--version"]:  # Scripts ask this often, so it costs no import.
        print(f"faldeck {__version__}")  # Says nothing where stdout is closed.
        return 0
    import gc

    # A start is short, and collections would cost a tenth of it: what lasts turns them on again.
    gc.disable()
    from faldeck.cli.main import main as run_command_line

    status = run_command_line(open_deck=open_deck)
    gc.freeze()  # The end of the process frees everything; to look for garbage first would cost a tenth of a short run.
    return status


def open_deck(context: "CommandContext") -> "ExitStatus":
    """Opens the deck and waits until it is closed.

    Raises CommandError if there is no screen for it, DemoUnavailable if the demo cannot be started, HistoryError if
    a newer faldeck has written the history.
    """
    from faldeck.app.exit_status import CommandError, ExitStatus
    from faldeck.cli.context import CommandContext
    from faldeck.system import log_file

    if problem := _screen_problem():
        raise CommandError(f"{problem} For scripts there are commands.", ExitStatus.USAGE, hint="faldeck --help")

    def try_demo() -> None:
        with context.emulator.running():
            pass

    from faldeck.tui.app import run

    if context.is_demo:
        from faldeck.app.demo import require_extra

        require_extra()
    context.refuse_newer_history()
    log_file.open_log(debug=context.config.debug)
    result = run(
        context.config,
        context.history_path,
        serve=context.emulator.running if context.is_demo else None,
        try_demo=try_demo,
    )
    if result.profile:
        return open_deck(CommandContext(profile=result.profile, demo=False))
    return ExitStatus(result.status)


def _screen_problem() -> str:
    """Why the deck cannot be drawn on this terminal, as a sentence; empty if it can."""
    import os

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "The deck needs a terminal."
    if os.environ.get("FALDECK_DRIVER") == "stock" and not sys.stderr.isatty():
        return "With FALDECK_DRIVER=stock the deck is drawn on stderr, which is no terminal here."
    term = os.environ.get("TERM", "")
    if term in ("dumb", "unknown"):
        return f"The deck cannot be drawn on a terminal that says it is TERM={term}; set TERM to what it really is."
    return ""


if __name__ == "__main__":
    sys.exit(main())
