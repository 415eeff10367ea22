"""The command `pos`: one module per command, loaded when it is asked for."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

import click

WRONG_USE, INTERRUPTED = 2, 130

COMMANDS = {
    "agent": "Run a till's background work without a screen.",
    "charge": "Look after payments by mobile money: what waits for a person, settle, close.",
    "backup": "Copy the whole till or server while it works, and look at the copy.",
    "check": "Recompute every invariant from the stored facts and name each violation.",
    "doctor": "Look at clock, disk, database, printer and neighbours before the day.",
    "demo": "Open a whole sample shop on this machine.",
    "label": "List, print and confirm labels of goods whose price has changed.",
    "mail": "List mail that waits or stands still; send again, give up.",
    "paper": "Save a receipt, a shift's close or a Z report as PDF, text or printer bytes.",
    "preflight": "Look for what would stop today's sales and documents.",
    "proof": "Set a day's receipts, fiscal receipts, server and SAP documents side by side.",
    "consolidate": "Make one invoice per customer, currency and tax group of a day's receipts.",
    "queue": "Look after the documents on their way to SAP: list, retry, cancel, requeue.",
    "refund": "Make one credit note from JSON, without a screen.",
    "report": "Tell what was sold, paid, owed and earned over some days.",
    "fiscal": "Show, open, close and settle the fiscal day and its receipts.",
    "restore": "Make a backup the books of a till or server; what is there is kept aside.",
    "sandbox": "Run one simulator: sap, revmax, printer or gateway.",
    "sell": "Make one sale from JSON, without a screen.",
    "server": "Run the API server.",
    "shift": "Open, close or read a shift without a screen.",
    "simulate": "Run tills, server, SAP and devices on virtual time with seeded faults.",
    "master": "Show how old master data is, and fetch it from SAP.",
    "stock": "Explain a quantity: what was there, and every move since.",
    "status": "Show the lamps and queues of this till.",
    "sync": "Deliver what is waiting and fetch what changed.",
    "till": "Open the screen of one till.",
    "user": "Add, list and unlock users of a server, and issue API keys.",
    "worker": "Run the worker of the SAP posting queue.",
}


class _Lazy(click.Group):
    """Lists every command by name and imports only the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"pos_app.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the one-line helps from the table above, so that help imports no command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pos-app", prog_name="pos")
def pos() -> None:
    """Point of sale: sells offline, fiscalises once, posts to SAP once."""


def main() -> None:
    """Run a command; errors are one sentence on stderr and the exit code of their kind."""
    try:
        status: Any = pos(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the edge: every error becomes a sentence
        _give_up(error)
    sys.exit(status if isinstance(status, int) else 0)


def _give_up(error: Exception) -> NoReturn:
    from pos_app.cli import answer, fault

    told = fault.known(error)
    answer.say(told.sentence, err=True)
    sys.exit(told.exit_code)
