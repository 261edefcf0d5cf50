"""Actions on profiles, and leaving the deck: drafts are saved first, and direct calls are not lost without asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from faldeck.app.session import Session
from faldeck.tui.actions.ui import Ui, reporting


class ProfileActions:
    """Switches to another profile, or leaves the deck."""

    def __init__(
        self,
        session: Session,
        ui: Ui,
        *,
        save_draft: Callable[[], Awaitable[None]],
        show_profile: Callable[[str, str], None],
        show_models: Callable[[], Awaitable[None]],
        exit: Callable[[str | None, int], None],
    ) -> None:
        """The callbacks change what is shown: `show_profile` takes a name and a colour (`#rrggbb`).

        `exit` ends the app; it takes the profile to open next, if any, and the exit status.
        """
        self._session = session
        self._ui = ui
        self._save_draft = save_draft
        self._show_profile = show_profile
        self._show_models = show_models
        self._exit = exit

    async def quit(self) -> None:
        """Leaves the deck; asks first if that would lose direct calls."""
        if await self._may_leave():
            await self.leave()

    async def leave(self, profile: str | None = None, status: int = 0) -> None:
        """Leaves the deck with an exit status; `profile` is opened instead, if any."""
        await self._save_draft()
        self._exit(profile, status)

    async def choose(self) -> None:
        """Shows the profiles and switches to the chosen one."""
        from faldeck.tui.dialogs.profiles import ProfilesDialog

        choice = await self._ui.ask(ProfilesDialog(self._session.config, self._session.count_open_jobs))
        if choice and (choice.has_changed or choice.profile != self._session.config.profile):
            await self.switch(choice.profile)

    async def switch_to_next(self) -> None:
        """Switches to the next profile that has a key."""
        current = self._session.config.profile
        with reporting(self._ui):
            names = self._session.usable_profiles()
            following = names[(names.index(current) + 1) % len(names)] if current in names else current
            if following == current:
                self._ui.notify("There is no other profile with a key. P adds one.", title="Switch", markup=False)
            else:
                await self.switch(following)

    async def switch(self, profile: str) -> None:
        """Uses another profile from now on; jobs keep the profile they were sent with."""
        if not self._session.can_switch_to(profile):  # Another history: the deck is opened again.
            if await self._may_leave():
                await self.leave(profile)
            return
        await self._save_draft()
        with reporting(self._ui):
            await self._session.switch_profile(profile)
            self._show_profile(profile, self._session.colour)
            await self._show_models()

    async def _may_leave(self) -> bool:
        """Asks before direct calls are lost: they end with the deck."""
        calls = self._session.direct_calls()
        if not calls:
            return True
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        what = f"{len(calls)} direct calls end" if len(calls) > 1 else "A direct call ends"
        answers = [PickerItem("No, stay", False), PickerItem("Yes, leave; its result is lost and may be paid", True)]
        picked = await self._ui.ask(Picker(f"{what} with the deck. Leave now?", answers))
        return bool(picked and picked.value)
