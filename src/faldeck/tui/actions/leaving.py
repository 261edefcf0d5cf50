"""The way out of the deck, and the way on with another profile: nothing typed is lost, nothing paid without a word."""

from __future__ import annotations

from textual import work

from faldeck.tui.actions.forms import FormRequests
from faldeck.tui.panes.bars import Header


class Leaving(FormRequests):
    """Leaves the deck, or turns it to another profile."""

    @work
    async def action_quit(self) -> None:
        if await self._may_end():
            await self.leave()

    async def _may_end(self) -> bool:
        """Asks before what cannot be gone on with is lost."""
        calls = self._engine.direct_calls()
        if not calls:
            return True
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        what = f"{len(calls)} direct calls end" if len(calls) > 1 else "A direct call ends"
        answers = [PickerItem("No, stay", False), PickerItem("Yes, leave; what it makes may be paid and is lost", True)]
        picked = await self.app.push_screen_wait(Picker(f"{what} with the deck. Leave now?", answers))
        return bool(picked and picked.value)

    async def leave(self, profile: str | None = None, *, status: int = 0) -> None:
        """Leaves the deck, or goes on with another profile, once what was typed is on disk."""
        await self._keep_draft()
        self.app.exit(profile, status)

    def action_how_to_quit(self) -> None:
        self.notify("q leaves the deck; Esc first, inside a text field. Jobs go on without it.")

    @work
    async def action_profiles(self) -> None:
        from faldeck.tui.dialogs.profiles import Profiles

        chosen = await self.app.push_screen_wait(Profiles(self._engine.config, self._engine.open_jobs))
        if chosen and (chosen.has_changed or chosen.profile != self._engine.config.profile):
            await self.go_on_with(chosen.profile)

    @work
    async def action_next_profile(self) -> None:
        here = self._engine.config.profile
        with self._told():
            names = self._engine.usable_profiles()
            following = names[(names.index(here) + 1) % len(names)] if here in names else here
            if following == here:
                self.notify("There is no other profile with a key. P adds one.", title="Switch", markup=False)
            else:
                await self.go_on_with(following)

    async def go_on_with(self, profile: str) -> None:
        """Works with a profile from now on; every job goes on with its own."""
        if not self._engine.can_become(profile):
            if await self._may_end():
                await self.leave(profile)
            return
        await self._keep_draft()
        with self._told():
            await self._engine.become(profile)
            self.query_one(Header).show_profile(profile, self._engine.colour)
            await self._show_models()
            self._show_form_of_profile()
            if self._engine.catalogue.is_stale:
                self.models.action_refresh()

    def _show_form_of_profile(self) -> None:
        """Goes on with the form where the profile has its model, too, and empties it where not."""
        catalogue = self._engine.catalogue
        self.form.forget_options()
        if self.form.endpoint_id in {model.endpoint_id for model in catalogue.models()}:
            self.form.show_price(catalogue.prices().get(self.form.endpoint_id))
        else:
            self.form.wait_for("", "")
