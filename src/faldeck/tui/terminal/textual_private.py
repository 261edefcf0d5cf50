"""The one file that uses private parts of Textual 8.2.8, which pyproject.toml pins. Check each when the pin moves.

- `App._handle_exception`, `App._fatal_error`: a crash is logged and reported in one sentence, without a traceback.
- `App._driver`: writes to the terminal past the screen (bell, notice), and draws the whole screen again.
- `DOMNode._bindings`: the keys of a widget with those of its base classes.
- `_styles_cache.StylesCache`: its cache keeps closed dialogs alive.
- `_xterm_parser`, `_ansi_sequences`, `_keyboard_protocol`: the tables of keys, and two methods of `XTermParser` that
  name keys and read the mouse. The rest of that parser is not used: it types what it does not know, a timer ends its
  pastes, and a number that it cannot read ends its thread.

Private methods that a subclass overrides stay in that class: `LinuxDriver._run_input_thread`, `_get_terminal_size` and
`_app` in `driver`; `Input._value` and `_on_paste` in the text lines;
`Widget._set_dirty` in `panes/kept_lines`, which tells that drawn lines have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._styles_cache import StylesCache
from textual._xterm_parser import IS_ITERM, XTermParser
from textual.app import App
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.worker import WorkerFailed

from faldeck.system import log_file

if TYPE_CHECKING:
    from faldeck.tui.terminal.placements import GraphicsTerminal

__all__ = ["ANSI_SEQUENCES_KEYS", "FUNCTIONAL_KEYS", "IS_ITERM", "XTermParser"]

Result = TypeVar("Result")


class CrashSafeApp(App[Result]):
    """An app that logs a crash and ends with a sentence.

    Textual would print a traceback with the values of all variables, keys among them.
    """

    def _handle_exception(self, error: Exception) -> None:
        # A worker's error comes wrapped, and the wrapper has no traceback.
        cause = error.error if isinstance(error, WorkerFailed) else error
        log_file.record(cause, "the deck ended unexpectedly")
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.panic(f"faldeck ended unexpectedly; your jobs go on. The details are in {log_file.path()}")


def handle_exception(app: App[Any], error: Exception) -> None:
    """Ends the app with an error. Called from any thread."""
    app.call_later(app._handle_exception, error)


def write_to_terminal(app: App[Any], text: str) -> None:
    """Sends a text to the terminal past the screen; nothing without a terminal."""
    if app._driver and not app.is_headless:
        app._driver.write(text)


def show_window_title(app: App[Any], text: str) -> None:
    """Shows a title of the terminal's window; nothing with any driver but our own."""
    show = getattr(app._driver, "show_title", None)
    if show:
        show(text)


def redraw_terminal(app: App[Any]) -> None:
    """Makes our driver send every cell again. Textual's own driver does not need this."""
    reset = getattr(app._driver, "reset", None)
    if reset:
        reset()


async def graphics_of(app: App[Any], setting: str) -> GraphicsTerminal | None:
    """How the app's terminal draws pictures; None for half blocks, and with any driver but our own."""
    ask = getattr(app._driver, "graphics", None)
    terminal: GraphicsTerminal | None = await ask(setting) if ask else None
    return terminal


def ask_background(app: App[Any], on_answer: Callable[[bool], object]) -> None:
    """Asks the app's terminal whether its background is light; nothing with any driver but our own."""
    ask = getattr(app._driver, "ask_background", None)
    if ask:
        ask(lambda is_light: app.call_later(on_answer, is_light))


def bindings_of(node: DOMNode) -> BindingsMap:
    """The bindings that act while the focus is on `node`, with those of its base classes."""
    return node._bindings


def forget_closed_dialogs() -> None:
    """Empties a cache of colours, which is keyed by widget and would keep every closed dialog in memory."""
    StylesCache.get_inner_outer.cache_clear()


def key_events(parser: XTermParser, text: str, *, alt: bool) -> Iterable[events.Key]:
    """The keys for a sequence or a character; `alt` adds that modifier."""
    return parser._sequence_to_key_events(text, alt)
