"""The actions of the dialogs, and of the screens that cover the deck."""

from __future__ import annotations

from faldeck.keys.action import action, in_scope

SCREEN = in_scope(
    "screen",
    "Every other screen",
    (
        action("help", "question_mark,f1,ctrl+p", "commands", "Help", "The keys of this screen", bar=True),
        action("redraw", "ctrl+l", "app.redraw", "Redraw", "Draw the screen again"),
    ),
)

COMPARE = in_scope(
    "compare",
    "Compare",
    (
        action("right", "right,l", "choose(1)", "Choose", "The next job", bar=True),
        action("left", "left,h", "choose(-1)", "Before", "The job before"),
        action("star", "s", "ask('star')", "Star", "Star the chosen job, or remove its star", bar=True),
        action("delete", "D", "ask('delete')", "Delete", "Delete the chosen job", bar=True),
        action("open", "enter", "ask('open')", "Result", "Show the chosen job's result", bar=True),
        action("next", "n", "next(1)", "Next file", "The job's next output, or the next line found", bar=True),
        action("previous", "p", "step(-1)", "File before", "The job's output before"),
        action("next-of-all", "right_square_bracket", "step_all(1)", "Next of all", "The next output of all", bar=True),
        action("previous-of-all", "left_square_bracket", "step_all(-1)", "Before of all", "The output before, of all"),
        action("found-before", "N", "find_next(-1)", "Found before", "The line found before"),
        action("undelete", "U", "screen.undelete", "Undelete", "Bring back the deleted job"),
        action("close", "escape", "screen.close", "Close", "Back to the deck", bar=True),
        action("quit", "q,equals_sign,ctrl+c", "screen.dismiss(None)", "Close", "Back to the deck at once"),
    ),
    within="pane move screen",
)

SHEET = in_scope(
    "sheet",
    "Contact sheet",
    (
        action("enlarge", "enter", "enlarge", "Large", "The picture large, and back to the grid", bar=True),
        action("left", "left,h", "turn(-1)", "Before", "The picture before", counted="turn(-{n})"),
        action("right", "right,l", "turn(1)", "Next", "The next picture", counted="turn({n})"),
        action("leave", "escape", "leave", "Back", "Back to the grid, or to the deck", bar=True),
        action("close", "q,ctrl+c", "screen.dismiss(None)", "Close", "Back to the deck", bar=True),
    ),
    within="pane move screen",
)

STATS = in_scope(
    "stats",
    "Stats",
    (
        action("before", "left,h", "turn(-1)", "Before", "The period before", bar=True, counted="turn(-{n})"),
        action("next", "right,l", "turn(1)", "Next", "The next period", bar=True, counted="turn({n})"),
        action("by", "b", "next_grouping", "By…", "By day, month, model, profile, tag", bar=True),
        action("day", "d", "span('day')", "Day", "One day", bar=True),
        action("week", "w", "span('week')", "Week", "One week", bar=True),
        action("month", "m", "span('month')", "Month", "One month", bar=True),
        action("year", "y", "span('year')", "Year", "One year", bar=True),
        action("today", "t", "today", "Today", "The period of today", bar=True),
        action("close", "escape", "screen.dismiss(None)", "Close", "Back to the deck", bar=True),
        action("quit", "q,ctrl+c", "screen.dismiss(None)", "Close", "Back to the deck"),
    ),
    within="pane move screen",
)

PAGE = in_scope(
    "page",
    "A model's page",
    (
        action("form", "enter", "ask('form')", "Form", "Open the model's form", bar=True),
        action("web", "o", "ask('web')", "Web", "Open its playground, docs, API page or licence", bar=True),
        action("family", "f", "ask('family')", "Family", "Show another model of its family", bar=True),
        action("star", "s", "ask('star')", "Star", "Star the model, or remove its star", bar=True),
        action("note", "e", "ask('note')", "Note", "Write a note on the model", bar=True),
        action("copy", "y", "ask('copy')", "Copy id", "Copy the model's id", bar=True),
        action("close", "escape", "screen.dismiss(None)", "Close", "Back to the deck", bar=True),
        action("quit", "q,m,ctrl+c", "screen.dismiss(None)", "Close", "Back to the deck"),
    ),
    within="found pane move screen",
)

QR = in_scope(
    "qr",
    "QR code",
    (
        action("copy", "y", "copy", "Copy URL", "Copy the URL", bar=True),
        action("close", "escape", "screen.dismiss(None)", "Close", "Back to the deck", bar=True),
        action("quit", "q,Q,enter,ctrl+c", "screen.dismiss(None)", "Close", "Back to the deck"),
    ),
    within="pane screen",
)

PICKER = in_scope(
    "picker",
    "Lists to pick from",
    (
        action("pick", "enter", "pick", "Pick", "Pick the row"),
        action("close", "escape,ctrl+c,q", "screen.dismiss(None)", "Close", "Pick nothing"),
    ),
    within="pane move",
)

OUTPUTS = in_scope(
    "outputs",
    "Files of jobs",
    (action("close", "escape,ctrl+c", "dismiss(None)", "Close", "Pick nothing"),),
)

PRESETS = in_scope(
    "presets",
    "Presets",
    (
        action("keep", "s", "save", "Save", "Save the form's input under a name"),
        action("rename", "n", "rename", "Rename", "Give the preset another name"),
        action("delete", "d,delete", "delete", "Delete", "Delete the preset"),
        action("undo", "u", "undo", "Undo", "Undo the last change"),
        action("close", "escape,ctrl+c,q", "dismiss(None)", "Close", "Use none"),
    ),
    within="pane move",
)

PROFILES = in_scope(
    "profiles",
    "Profiles",
    (
        action("use", "enter", "use", "Use", "Use this profile from now on"),
        action("add", "a", "act('add')", "Add", "Add a profile"),
        action("edit", "e", "act('edit')", "Edit", "Change its settings or its key"),
        action("remove", "d,delete", "act('remove')", "Remove", "Remove it, and its key"),
        action("undo", "u", "act('undo')", "Undo", "Restore the removed profile"),
        action("test", "t", "act('test')", "Test", "Test its key, for free"),
        action("begin", "b", "act('set_default')", "Begin with", "Start faldeck with it"),
        *(action(f"use-{n}", str(n), f"use({n})", f"Use {n}", f"Use profile {n} of the list") for n in range(1, 10)),
        action("close", "escape,ctrl+c,q", "screen.close", "Close", "Back to the deck"),
    ),
    within="found pane move",
)

PROFILE = in_scope(
    "profile",
    "A profile's settings",
    (
        action("keep", "ctrl+j", "keep", "Keep", "Save the profile", priority=True),
        action("try", "ctrl+t", "try", "Try", "Test it for free", priority=True),
        action("down", "down", "app.focus_next", "Down", "The line below"),
        action("up", "up", "app.focus_previous", "Up", "The line above"),
        action("leave", "escape,ctrl+c", "leave", "Close", "Leave it as it is"),
    ),
)

TEXT = in_scope(
    "text",
    "A text of many lines",
    (
        action("done", "ctrl+j", "done", "Done", "Keep the text"),
        action("editor", "ctrl+g", "own_editor", "Editor", "Go on in your own editor ($EDITOR)"),
        action("leave", "escape", "leave", "Close", "Leave it as it was"),
    ),
)

LINE = in_scope("line", "A line of text", (action("close", "escape", "dismiss(None)", "Close", "Leave it"),))

OPTIONS = in_scope(
    "options",
    "Send options",
    (
        action("done", "ctrl+j", "done", "Done", "Keep the options"),
        action("close", "escape,ctrl+c,q", "close", "Close", "Keep the options if they are valid"),
    ),
)

READING = in_scope(
    "reading",
    "A text to read",
    (action("close", "escape,q,enter,question_mark,ctrl+c", "dismiss(None)", "Close", "Close the text"),),
    within="pane move",
)

SETUP = in_scope("setup", "The first screen", (action("quit", "ctrl+c", "app.quit", "Quit", "Leave"),))

SCOPES = (
    SCREEN,
    COMPARE,
    SHEET,
    STATS,
    PAGE,
    QR,
    PICKER,
    READING,
    OUTPUTS,
    PRESETS,
    PROFILES,
    PROFILE,
    TEXT,
    LINE,
    OPTIONS,
    SETUP,
)
