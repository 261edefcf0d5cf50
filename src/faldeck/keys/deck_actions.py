"""The actions of the deck and its four panes. In each scope those that people look for come first."""

from __future__ import annotations

from faldeck.keys.action import action, in_scope

APP = in_scope(
    "app",
    "On every screen",
    (action("suspend", "ctrl+z", "suspend_process", "Suspend", "Suspend faldeck; fg brings it back", priority=True),),
)

DECK = in_scope(
    "deck",
    "Everywhere",
    (
        action("help", "question_mark,f1", "open('help')", "Help", "The keys of the focused pane", bar=True),
        action(
            "palette",
            "ctrl+p,colon",
            "open('palette')",
            "Commands",
            "Every command, by name",
            bar=True,
            words="palette menu",
        ),
        action("quit", "q", "quit", "Quit", "Leave; jobs go on, the next start shows them", bar=True, words="exit q"),
        action("models", "1,alt+1", "show_pane('models')", "Models", "Go to the models"),
        action("form", "2,alt+2", "show_pane('form')", "Form", "Go to the form"),
        action("jobs", "3,alt+3", "show_pane('jobs')", "Jobs", "Go to the jobs", words="history"),
        action("result", "4,alt+4", "show_pane('result')", "Result", "Go to the result"),
        action("next", "tab", "turn(1)", "Next pane", "The next pane"),
        action("previous", "shift+tab", "turn(-1)", "Previous pane", "The previous pane"),
        action(
            "profiles", "P", "open('profiles')", "Profiles", "The profiles: use, add, edit, test", words="key relay"
        ),
        action("switch", "w", "open('next_profile')", "Switch", "Switch to the next profile"),
        action(
            "stats", "dollar_sign", "open('stats')", "Stats", "What the jobs cost, by day, model, tag", words="money"
        ),
        action("adopt", "A", "open('adopt')", "Adopt", "Follow a request made elsewhere"),
        action("themes", "T", "app.themes", "Theme", "Choose the colours", words="theme colour color dark light"),
        action("zoom", "z,ctrl+w z", "zoom", "Zoom", "The pane at full size, and back", words="enlarge maximize"),
        action("border-left", "ctrl+left,ctrl+w h", "resize('left')", "Border left", "Move the pane's border left"),
        action(
            "border-right", "ctrl+right,ctrl+w l", "resize('right')", "Border right", "Move the pane's border right"
        ),
        action("border-up", "ctrl+up,ctrl+w k", "resize('up')", "Border up", "Move the border between the rows up"),
        action(
            "border-down",
            "ctrl+down,ctrl+w j",
            "resize('down')",
            "Border down",
            "Move the border between the rows down",
        ),
        action(
            "usual-sizes",
            "ctrl+w equals_sign",
            "resize('reset')",
            "Usual sizes",
            "Give all panes their usual sizes",
            words="resize",
        ),
        action("messages", "M", "app.messages", "Messages", "The messages that were shown before", words="toasts log"),
        action("redraw", "ctrl+l", "app.redraw", "Redraw", "Draw the screen again"),
        action("interrupt", "ctrl+c", "say_how_to_quit", "How to quit", "Say which key leaves the deck"),
    ),
)

PANE = in_scope(
    "pane",
    "Every pane",
    (
        action("find", "slash", "find", "Search", "Search what is shown here"),
        action("jump", "semicolon", "app.jump", "Jump", "Letters on all that is shown; type one to go there"),
    ),
)

MOVE = in_scope(
    "move",
    "Lists and pages",
    (
        action("up", "up,k", "move(-1)", "Up", "Up one row", counted="move(-{n})"),
        action("down", "down,j", "move(1)", "Down", "Down one row", counted="move({n})"),
        action("page-up", "pageup,ctrl+b", "page(-1)", "Page up", "Up one page", counted="page(-{n})"),
        action("page-down", "pagedown,ctrl+f", "page(1)", "Page down", "Down one page", counted="page({n})"),
        action("half-up", "ctrl+u", "half_page(-1)", "Half up", "Up half a page", counted="half_page(-{n})"),
        action("half-down", "ctrl+d", "half_page(1)", "Half down", "Down half a page", counted="half_page({n})"),
        action("first", "home,g g", "first", "First", "To the first row", counted="row({n})", words="top start"),
        action("last", "end,G", "last", "Last", "To the last row", counted="row({n})", words="bottom end"),
    ),
)

FOUND = in_scope(
    "found",
    "After a search",
    (
        action("next", "n", "find_next(1)", "Next found", "The next line found", counted="find_next({n})"),
        action("before", "N", "find_next(-1)", "Found before", "The line found before", counted="find_next(-{n})"),
    ),
)

MODELS = in_scope(
    "models",
    "Models",
    (
        action(
            "search",
            "slash",
            "search",
            "Search",
            "Search the models: words, cat: price:<1 …",
            bar=True,
            words="find filter",
        ),
        action("open", "enter", "choose", "Open", "Open the model's form", bar=True),
        action("page", "m", "ask('page')", "Page", "All about the model: price, licence, time, family", bar=True),
        action("star", "s", "star", "Star", "Star the model, or remove its star", bar=True, words="favourite"),
        action("category", "c", "category(1)", "Category", "The next category", bar=True, words="filter kind"),
        action("category-before", "C", "category(-1)", "Category", "The category before"),
        action("sort", "a", "sort", "Sort", "Sort by relevance, newest, name, price, last use", words="order"),
        action("note", "n", "ask('note')", "Note", "Write a note on the model"),
        action("web", "o", "ask('web')", "Web", "Open its playground, docs, API page or licence", words="browser open"),
        action("refresh", "ctrl+r", "refresh", "Refresh", "List the models again", words="reload update"),
        action("leave", "escape", "leave", "Back", "Leave the search, show all models"),
    ),
    within="pane move",
)

FIELDS = in_scope(
    "field",
    "Form fields",
    (
        action("edit", "enter", "field('edit')", "Edit", "Edit, pick, switch or open the field", bar=True),
        action("type", "i", "field('type')", "Type", "Type into the field; Esc ends it"),
        action("long", "ctrl+o", "field('long_text')", "Long text", "Edit the field on many lines", bar=True),
        action("editor", "ctrl+g,e", "field('own_editor')", "Editor", "Edit the field in your own editor ($EDITOR)"),
        action("previous", "left,h", "field('step', -1)", "Previous", "The choice before, a smaller number"),
        action("next", "right,space,l", "field('step', 1)", "Next", "The next choice, a larger number"),
        action(
            "reset", "delete,backspace", "field('reset')", "Reset", "Unset, or remove the item", words="clear delete"
        ),
        action("undo", "u", "field('undo')", "Undo", "Undo the last change"),
        action("clipboard", "ctrl+v,v", "field('clipboard')", "Paste", "Put the desktop's clipboard into the field"),
        action("example", "E", "field('example')", "Example", "Use the schema's example"),
        action("duplicate", "D", "field('duplicate')", "Duplicate", "Duplicate the list's item"),
        action("item-up", "less_than_sign", "field('shift', -1)", "Item up", "Move the item up"),
        action("item-down", "greater_than_sign", "field('shift', 1)", "Item down", "Move the item down"),
        action("null", "N", "field('null')", "Null", "Set the field to null"),
        action("reset-all", "X", "field('reset_all')", "Reset all", "Empty the form", words="clear"),
        action("leave", "escape", "field('leave')", "Back", "End the typing"),
    ),
)

FORM = in_scope(
    "form",
    "Form",
    (
        action("submit", "ctrl+j", "request('submit')", "Submit", "Send the request", bar=True, words="submit run"),
        action("json", "J", "request('json')", "JSON", "The whole input as JSON; paste JSON or curl here", bar=True),
        action(
            "presets", "p", "request('presets')", "Presets", "Save the input under a name, or use a saved one", bar=True
        ),
        action(
            "options", "O", "request('options')", "Options", "How it is run: priority, limits, webhook, files", bar=True
        ),
        action("output", "ctrl+r,f", "request('output')", "Job's file", "Use a file that a job has made"),
        action("roll", "r", "request('roll')", "Seed", "Set a new random seed; Del unsets it"),
        action("same-seed", "s", "request('same_seed')", "Same seed", "Set the seed of the last result"),
        action("page", "m", "request('page')", "Model", "All about the model: price, licence, time, family"),
        action("search", "slash", "screen.search", "Search", "Search the models"),
    ),
    within="field pane move",
)

EDITOR = in_scope(
    "editor",
    "Typing in a field",
    (
        action("up", "up", "cursor_line(-1)", "Line up", "The line above"),
        action("down", "down", "cursor_line(1)", "Line down", "The line below"),
        action("complete", "tab", "complete", "Complete", "Accept the suggestion"),
    ),
)

JOB = in_scope(
    "job",
    "Jobs and Result",
    (
        action("open", "o", "act('open_url')", "Open", "Open the output's URL, or else its file", bar=True),
        action("copy", "y", "act('copy_url')", "Copy", "Copy the URL or text; in Result: the page", bar=True),
        action("cancel", "c", "act('cancel')", "Cancel", "Ask the service to cancel the job", bar=True, words="stop"),
        action("rerun", "r", "act('rerun')", "Rerun", "Send the same request again", bar=True, words="repeat"),
        action("edit", "e", "act('edit')", "Edit", "Put the job's input into the form", bar=True),
        action("use", "u", "act('use')", "Use", "Use the output as the file of this or another model"),
        action("why", "W", "act('why')", "Why", "Why it failed or waits, and what to do next", words="explain billed"),
        action("open-file", "O", "act('open_file')", "Open file", "Open the output's file on this machine"),
        action("copy-path", "ctrl+y", "act('copy_path_of_file')", "Copy path", "Copy the path of the output's file"),
        action("qr", "Q", "act('qr_code')", "QR code", "Show the URL as a QR code, for a phone"),
        action("star", "s", "act('star')", "Star", "Star the job, or remove its star", words="favourite"),
        action("download", "d", "act('download')", "Download", "Fetch the files that are not on disk", words="save"),
        action(
            "sheet", "v,g c", "screen.open('contact_sheet')", "Sheet", "The pictures as a grid", words="contact sheet"
        ),
        action("compare", "equals_sign", "screen.open('compare')", "Compare", "Compare the marked jobs side by side"),
        action("look-again", "L", "act('look_again')", "Look again", "Look again for an unconfirmed or expired job"),
        action("send-again", "S", "act('send_again')", "Send again", "Send an unconfirmed job once more"),
        action("dismiss", "x", "act('dismiss')", "Dismiss", "Dismiss an unconfirmed job; give up lost files"),
    ),
)

JOBS = in_scope(
    "jobs",
    "Jobs",
    (
        action("open", "enter", "open", "Result", "Show the result at full height", bar=True),
        action(
            "filter", "f", "section(1)", "Section", "The next section: all, live, failed …", bar=True, words="filter"
        ),
        action(
            "search",
            "slash",
            "search",
            "Search",
            "Search: words, ids, state: tag: cost:>1 …",
            bar=True,
            words="filter find",
        ),
        action("filter-before", "F", "section(-1)", "Section", "The section before", words="filter"),
        action("sort", "a", "sort", "Sort", "Sort by time, cost or duration", words="order"),
        action("mark", "space", "mark", "Mark", "Mark the job; keys act on all marked", words="select"),
        action("mark-all", "asterisk", "mark_matching('mark')", "Mark all", "Mark all that match", words="select"),
        action("invert", "I", "mark_matching('invert_marks')", "Invert", "Mark the others that match", words="select"),
        action("tag", "t", "list_act('tag')", "Tag", "Tag the job or all marked; -tag removes a tag", words="label"),
        action("note", "n", "list_act('note')", "Note", "Write a note on the job"),
        action("delete", "D", "list_act('delete')", "Delete", "Delete the job or all marked; U restores them"),
        action("undelete", "U", "list_act('undelete')", "Undelete", "Restore the jobs deleted last", words="undo"),
        action("copy-ids", "i", "list_act('copy-ids')", "Copy id", "Copy the request id, or those of all marked"),
        action("export", "E", "list_act('export')", "Export", "Export the job or all marked: JSON lines, CSV"),
        action("model", "m", "only_model", "This model", "Show this model's jobs only", words="filter"),
        action(
            "save-section",
            "plus",
            "list_act('save-section')",
            "Save section",
            "Save the search as a section of its own",
        ),
        action(
            "remove-section",
            "minus",
            "list_act('remove-section')",
            "Remove section",
            "Remove the section that was saved",
        ),
        action("leave", "escape", "leave", "Back", "Leave the search, unmark, show all"),
    ),
    within="job pane move",
)

FILTER = in_scope(
    "filter",
    "Typing a filter",
    (action("complete", "tab", "complete", "Complete", "Complete the filter"),),
)

FIND = in_scope("find", "Typing a search", (action("leave", "escape", "leave", "Leave", "Forget the search"),))

RESULT = in_scope(
    "result",
    "Result",
    (
        action("right", "right,l", "turn(1)", "Page", "Output, logs, input, JSON", bar=True, words="logs input json"),
        action("left", "left,h", "turn(-1)", "Page", "The page before"),
        action("copy-path", "enter", "copy_path", "Copy path", "Copy the path of a line of JSON", bar=True),
        action("enlarge", "enter", "enlarge", "Enlarge", "Full height and back", bar=True, words="zoom"),
        action("next", "n", "next(1)", "Next file", "The next output, or the next line found", counted="next({n})"),
        action("found-before", "N", "find_next(-1)", "Found before", "The line found before"),
        action("previous", "p", "output(-1)", "Previous file", "The output before", counted="output(-{n})"),
        action("parent", "less_than_sign", "kin(-1)", "Made from", "The job it was made from", words="parent"),
        action("children", "greater_than_sign", "kin(1)", "Used in", "The jobs it was used in", words="children"),
        action("find", "slash", "find", "Search", "Search the page; n and N go on"),
        action("leave", "escape", "leave", "Back", "Back to the jobs"),
        action("close", "q", "close", "Back", "From full height back to the jobs", bar=True),
    ),
    within="job pane move",
)

SCOPES = (APP, DECK, PANE, MOVE, FOUND, MODELS, FORM, FIELDS, EDITOR, JOB, JOBS, FILTER, FIND, RESULT)
