"""How the customer pays: what is due, what was handed over, and the moment the sale is posted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from pos_app.domain.limit import Approval
from pos_app.domain.money import Money
from pos_app.domain.permission import Actor
from pos_app.domain.sale import Sale
from pos_app.domain.tender import Tender, TenderType
from pos_app.errors import InvalidInput, RuleBroken
from pos_app.services import sale as sales
from pos_app.services import tender
from pos_app.services.prompt import view
from pos_app.services.sale import Posted
from pos_app.services.shop import Shop
from pos_app.tui import catalogue, prompting
from pos_app.tui.approving import with_approval
from pos_app.tui.commands import bindings, spoken
from pos_app.tui.flows import Story
from pos_app.tui.money_entry import read_money
from pos_app.tui.place import Place
from pos_app.tui.prompting import Ending
from pos_app.tui.tendering import Tendering, options_of
from pos_app.tui.widgets.dialog import Ask, Confirm
from pos_app.tui.widgets.entry_line import EntryLine
from pos_app.tui.widgets.tender_view import NUMBERED, TenderView, suggested
from pos_app.tui.widgets.text import Text

SHORTCUTS = frozenset({"plus", "minus", "delete"})
DIGITS = frozenset("0123456789")
NOTHING = r"(?!)"
"""What the entry takes while a tender is being chosen: digits choose, they are no amount."""

AMOUNT_HINT = "Enter takes exactly what is due"
CHOOSING_HINT = "Press its digit; Enter, then the amount"
LONGEST_REFERENCE = 60
WATCH_SECONDS = 1.0
TAKING = "take"
"""While money is being taken, no key and no scan does anything to this sale."""

NOTES = ("tender.note_1", "tender.note_2", "tender.note_3")


class TenderScreen(Place):
    """Dismissed with what was posted, with a code scanned before any tender, or with None.

    It is mounted once and used for one sale after another: mounting costs more than a customer's
    patience, showing does not.
    """

    PLACE = "tender"
    HEADING = "Pay"
    SCANS = True
    CSS_PATH = "tender.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(catalogue.TENDER)]

    def __init__(self, shop: Shop, sale: Sale) -> None:
        super().__init__()
        rules = shop.rules
        self._options = options_of(rules.tender_types, rules.currencies)
        self.view = TenderView()
        self.prompt = Text(id="prompt")
        self.line = EntryLine(
            AMOUNT_HINT, shortcuts=lambda: DIGITS | SHORTCUTS if self.is_choosing else SHORTCUTS
        )
        self.begin(sale, is_choosing=False)

    def begin(self, sale: Sale, *, is_choosing: bool) -> None:
        """Start over with a sale; to be called before the screen comes to the front."""
        self.sale = sale
        state = Tendering(sale=sale, options=self._options, due=(sale.total,))
        self.state = state.with_mark(state.first_in(sale.currency))
        self._is_new = True
        self.line.value = ""
        self.notice.clear()
        self._ask_for(is_choosing)

    def body(self) -> ComposeResult:
        """Ways to pay, what is due, what was taken."""
        yield self.view

    def entry(self) -> ComposeResult:
        """The amount behind the chosen tender."""
        with Horizontal(id="entry"):
            yield self.prompt
            yield self.line

    def on_mount(self) -> None:
        """Watch wallets that were asked, where any can be."""
        if any(option.type.gateway for option in self._options):
            self.set_interval(WATCH_SECONDS, self._watch_prompts)

    @property
    def has_money(self) -> bool:
        """Whether mobile money came that was not taken."""
        return bool(self.state.offered)

    @property
    def has_tenders(self) -> bool:
        """Whether something was taken already."""
        return bool(self.state.taken)

    def resumed(self) -> None:
        """Ask for a sale that has just begun what is due in every currency."""
        sale = self.till.desk.sale
        if sale is None or sale.id != self.sale.id:
            self.dismiss(None)
        elif self._is_new:
            self._is_new = False
            self._show()
            self.line.focus()
            self.flows.look_up("due", self._look)
            self._watch_prompts()

    def _show(self) -> None:
        self.view.show(self.state, [self._key(command_id) for command_id in NOTES])
        self.till.show_customer_due(self.sale, self.state.due, is_begun=self.has_tenders)
        name, count = self.state.option.name, min(len(self._options), NUMBERED)
        prompt = f"Tender 1-{count}: {name} >" if self.is_choosing else f"{name} >"
        self.prompt.say((prompt, "bold $primary"))
        self.show_keys()

    def _key(self, command_id: str) -> str:
        command = next(row for row in self.commands if row.id == command_id)
        return spoken(command.keys_in(self.till.keymap)[0])

    @on(EntryLine.Entered)
    def _entered(self, message: EntryLine.Entered) -> None:
        message.stop()
        if self.is_choosing:
            self._choose(False)
        elif not self._taking(partial(self._take_text, message.text.strip())):
            self.line.give_back(message.text)

    def _taking(self, story: Story) -> bool:
        async def told() -> None:
            try:
                await story()
            finally:
                if self.till.desk.has_lines:  # not posted: there is no next sale for them
                    late, self.till.late_scans = self.till.late_scans, []
                    self.till.refused_scans += [code for code, _ in late]

        return self.flows.run(TAKING, told)

    async def _take_text(self, text: str) -> None:
        option = self.state.option
        if self.state.is_enough:
            await self._post(self.state.taken)
        elif text:
            await self._give_back_unless(text, partial(self._take_amount, text))
        else:
            await self._take(option.type, self.state.due_in(option.currency))

    async def _take_amount(self, text: str) -> None:
        option = self.state.option
        money = read_money(text, option.currency, self.till.shop.rules.currencies)
        await self._take(option.type, money)

    async def _give_back_unless(self, text: str, story: Story) -> None:
        """Take an amount; one that was not taken stands in the entry again."""
        before = self.state.taken
        try:
            await story()
        finally:
            if self.state.taken == before:
                self.line.give_back(text)

    async def _take(self, kind: TenderType, money: Money) -> None:
        reference = ""
        if kind.gateway:
            ended = await self._ask_wallet(kind, money)
            if isinstance(ended, Tender):
                await self._add(ended)
            elif ended is Ending.BACK:
                self._say_untaken(kind, money)
            if ended is not Ending.ALREADY:
                return
        if kind.needs_reference:
            asked = await self.app.push_screen_wait(
                Ask(kind.name, f"Reference of the confirmation for {money.label}",
                    read=_reference)
            )  # fmt: skip
            if asked is None:
                self._say_untaken(kind, money)
                return
            reference = str(asked)
        await self._add(tender.make(self.till.shop, kind.code, money, reference=reference))

    async def _add(self, taken: Tender) -> None:
        await self._count((*self.state.taken, taken))
        self.notice.clear()
        if self.state.is_enough:
            await self._post(self.state.taken)

    async def _ask_wallet(self, kind: TenderType, money: Money) -> Tender | Ending:
        """Ask the customer's wallet, for what can be taken only."""
        shop, sale = self.till.shop, self.sale
        tried = (*self.state.taken, tender.make(shop, kind.code, money, reference=kind.code))
        await self.till.lanes.ask(partial(tender.preview, shop, sale, tried))
        try:
            return await prompting.take(self, sale, kind, money)
        finally:
            await self._look_at_prompts()

    def _say_untaken(self, kind: TenderType, money: Money) -> None:
        again = f"Enter asks again, {self._key('tender.choose')} chooses another tender"
        self.tell(f"{kind.name} {money.label} was not taken: {again}.", kind="warning")

    async def _look(self) -> None:
        """Find what is due in the other currencies; too late once something is being taken."""
        due = await self.till.lanes.ask(partial(tender.due, self.till.shop, self.sale))
        if not self.state.taken and not self.flows.is_running(TAKING):
            self.state = replace(self.state, due=due)
            self._show()

    async def _count(self, tenders: tuple[Tender, ...]) -> None:
        """Take tenders for taken if the shop can take them so."""
        preview = await self.till.lanes.ask(
            partial(
                tender.preview, self.till.shop, self.sale, tenders,
                change_currency=self.state.change_currency,
            )
        )  # fmt: skip
        self.state = replace(
            self.state,
            taken=tenders, due=preview.due, change=preview.change, above=preview.above,
        )  # fmt: skip
        self._show()

    async def _is_agreed(self) -> bool:
        """Whether whoever sells goes above the customer's limit knowingly, where that is asked."""
        above = self.state.above
        if above is None:
            return True
        question = Confirm("Above the limit", f"{above.sentence} Sell on account all the same?",
                           yes="sell on account", no="not so")  # fmt: skip
        if await self.app.push_screen_wait(question):
            return True
        self.tell("Not sold yet: give the tender back with -, or Enter asks again.", kind="warning")
        return False

    async def _post(self, tenders: tuple[Tender, ...]) -> None:
        till, wanted = self.till, self.state.change_currency
        leaves = await prompting.may_leave(self, self.sale, self.state.offered)
        if not (leaves and await self._is_agreed()):
            return

        async def attempt(approvals: tuple[Approval, ...]) -> Posted:
            def deed(shop: Shop, actor: Actor, sale: Sale) -> Posted:
                return sales.post(
                    shop, actor, sale, tenders, change_currency=wanted, approvals=approvals
                )

            self.tell("Posting …")
            return await till.desk.leave("post", deed)

        done = await with_approval(self, attempt, sale_id=self.sale.id)
        if done is not None:
            till.posted(done)
            self.dismiss(done)

    def on_key(self, event: events.Key) -> None:
        """Mark a tender by its digit; an amount is typed only after Enter."""
        if self.is_choosing and event.key in DIGITS:
            event.stop()
            number = int(event.key) - 1
            if 0 <= number < len(self.state.options):
                self.state = self.state.with_mark(number)
                self._show()
            else:
                self.app.bell()

    def _ask_for(self, is_choosing: bool) -> None:
        """Let digits choose a tender, or be an amount."""
        self.is_choosing = is_choosing
        self.line.placeholder = CHOOSING_HINT if is_choosing else AMOUNT_HINT
        self.line.restrict = NOTHING if is_choosing else None

    def _choose(self, is_choosing: bool) -> None:
        self._ask_for(is_choosing)
        self._show()

    def action_choose(self) -> None:
        """Choose the tender by its digit next, or have chosen it."""
        self.line.value = ""
        self._choose(not self.is_choosing)

    def action_previous(self) -> None:
        """Mark the way to pay above."""
        self._mark(-1)

    def action_next(self) -> None:
        """Mark the way to pay below."""
        self._mark(1)

    def _mark(self, step: int) -> None:
        self.state = self.state.with_mark(self.state.marked + step)
        self._choose(False)

    def action_exact(self) -> None:
        """Take exactly what is due."""
        self._choose(False)
        self._taking(partial(self._take_text, ""))

    def action_note_1(self) -> None:
        """Take the first suggestion."""
        self._note(0)

    def action_note_2(self) -> None:
        """Take the second suggestion."""
        self._note(1)

    def action_note_3(self) -> None:
        """Take the third suggestion."""
        self._note(2)

    def _note(self, at: int) -> None:
        notes = suggested(self.state)
        if at < len(notes):
            self._choose(False)
            kind = self.state.option.type
            self._taking(partial(self._take, kind, notes[at]))
        else:
            self.app.bell()

    def action_change(self) -> None:
        """Give the change in the next currency."""
        codes = [row.code for row in self.till.shop.rules.currencies.currencies]
        order: list[str | None] = [None, *codes]
        now = order.index(self.state.change_currency)
        self.state = self.state.with_change_in(order[(now + 1) % len(order)])
        self._show()

    def action_undo(self) -> None:
        """Give the last tender back."""
        self._taking(self._undo)

    async def _undo(self) -> None:
        if not self.state.taken:
            raise RuleBroken("Nothing was taken yet.")
        last = self.state.taken[-1]
        await self._count(self.state.taken[:-1])
        what = f"{last.type.name} {last.money.label}"
        if last.prompt:
            self.tell(f"Put aside: {what}; {self._key('tender.money')} takes it again.")
        else:
            self.tell(f"Given back: {what}.")

    def action_money(self) -> None:
        """Take mobile money that came after all, or leave it to a manager."""
        self._taking(self._take_money)

    async def _take_money(self) -> None:
        chosen = await prompting.choose(self, self.state.offered)
        if chosen is not None:
            await self._add(chosen)
        await self._look_at_prompts()

    def _watch_prompts(self) -> None:
        if self.is_current and not self.flows.is_running(TAKING):
            self.flows.look_up("prompts", self._look_at_prompts)

    async def _look_at_prompts(self) -> None:
        """Show what became of wallets that were asked, and ring when money came after all."""
        shop, sale = self.till.shop, self.sale
        known = await self.till.lanes.ask(partial(view.for_sale, shop, sale.id))
        if known == self.state.prompts or sale is not self.sale:
            return
        before = {one.id for one in self.state.offered}
        self.state = replace(self.state, prompts=known)
        self._show()
        came = [one for one in self.state.offered if one.id not in before]
        if came:
            self.app.bell()
            kind = shop.rules.tender_type(came[0].tender)
            self.tell(f"{prompting.described(kind, came[0])} came: "
                      f"{self._key('tender.money')} takes it.", kind="warning")  # fmt: skip

    def action_back(self) -> None:
        """One step back; a tender that was taken is never forgotten silently."""
        if self.flows.is_running(TAKING):
            self.app.bell()
        elif self.line.value:
            self.line.value = ""
        elif self.is_choosing and not self.has_tenders:
            self.dismiss(None)
        elif self.has_tenders:
            self.app.bell()
            self.tell("Money was taken: give it back with - first, or take the rest.",
                      kind="warning")  # fmt: skip
        else:
            self.dismiss(None)

    def scanned(self, code: str, at: float) -> None:
        """Another item: back to the sale with it, as long as no money was taken."""
        if self.flows.is_running(TAKING):
            self.till.late_scans.append((code, at))
        elif self.has_tenders:
            super().scanned(code, at)
        else:
            self.dismiss(code)


def _reference(text: str) -> str:
    if not text or len(text) > LONGEST_REFERENCE:
        raise InvalidInput("Type the reference from the customer's confirmation.")
    return text
