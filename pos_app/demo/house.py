"""Open the sample shop: simulators, server, till; and close it again without a trace."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pos_app.bootstrap import Installation, install
from pos_app.clock import SystemClock
from pos_app.demo import people
from pos_app.demo.folder import SAP_COMPANY, SAP_PASSWORD, SAP_USER, Folder
from pos_app.demo.process import Child, Children
from pos_app.domain.shift import parse_counts
from pos_app.errors import Conflict, RemoteUnavailable
from pos_app.holder import Holder
from pos_app.server_work import ServerWork
from pos_app.services import shift, sign_in, sync
from sync.http import HttpRemote

ZONE = "Africa/Harare"
FLOAT = "USD:20=50,USD:10=50,USD:5=60,USD:1=300,USD:0.10=500,USD:0.01=500,ZIG:200=50,ZIG:10=200"


class House:
    """A sample shop with everything running; made by `open_house`."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._lock = Holder(folder.path / "demo.lock")
        self._children = Children()
        self._ready: dict[str, dict[str, Any]] = {}
        self._started: dict[str, Child] = {}

    def take(self) -> None:
        """Be the only demo of this folder.

        Raises:
            Conflict: another one is.
        """
        if not self._lock.take():
            raise Conflict(
                f"The shop in {self.folder.path} is open already: close it first, or choose "
                "another folder with --dir."
            )

    def start(self, name: str, *arguments: str) -> dict[str, Any]:
        """Start one process and wait until it is ready."""
        self.start_together({name: arguments})
        return self._ready[name]

    def start_together(self, commands: dict[str, tuple[str, ...]]) -> None:
        """Start several processes side by side and wait for all of them."""
        for child in self._children.start(commands, logs=self.folder.path / "log"):
            self._ready[child.name] = child.ready()
            self._started[child.name] = child

    def said(self, name: str) -> dict[str, Any]:
        """What a process said when it was ready."""
        return self._ready[name]

    def sweep(self) -> None:
        """Remove the links of simulators that died: their terminals go to strangers next."""
        for name, link in self.folder.links.items():
            child = self._started.get(name)
            if child is not None and child.has_ended() and not link.exists():
                link.unlink(missing_ok=True)

    def close(self) -> None:
        """End every process and leave no link behind."""
        try:
            self._children.stop()
        finally:
            self.sweep()
            self._lock.release()

    def line(self) -> dict[str, Any]:
        """The demo's one line of JSON."""
        return {
            "ready": True,
            "dir": str(self.folder.path),
            "api": self._ready["server"]["api"],
            "till_config": str(self.folder.till_config),
            "server_config": str(self.folder.server_config),
            "sap": self._ready["sap"]
            | {"company_db": SAP_COMPANY, "user": SAP_USER, "password": SAP_PASSWORD},
            "revmax": self._ready["revmax"],
            "printer": self._ready["printer"],
            "gateway": self._ready["gateway"],
            "mail": str(self.folder.mail),
            "users": self.folder.notes()["users"],
            "pids": {name: child.pid for name, child in self._started.items()},
        }


def open_house(
    path: Path, *, items: int, seed: int, database_url: str | None, has_agent: bool
) -> House:
    """Start everything, fill what is empty, open a shift; the same folder again resumes.

    Args:
        path: the folder that keeps all state.
        items: how many items a new sample shop gets.
        seed: what a new sample shop is grown from.
        database_url: another database for the server than a file in the folder.
        has_agent: whether the till's background work runs in a process of its own.

    Raises:
        Conflict: a demo runs in the folder.
        NotReady: a part did not come up; its log says why.
    """
    folder = Folder(path.absolute())
    folder.path.mkdir(parents=True, exist_ok=True)
    house = House(folder)
    house.take()
    try:
        today = datetime.now(ZoneInfo(ZONE)).date()
        folder.prepare(items=items, seed=seed, today=today)
        _start_neighbours(house)
        _start_server(house, database_url=database_url, seed=seed)
        _prepare_till(house)
        if has_agent:
            house.start("agent", "agent", "--config", str(folder.till_config))
    except BaseException:
        house.close()
        raise
    return house


def _start_neighbours(house: House) -> None:
    folder = house.folder
    root = folder.path
    sap = (
        *("sandbox", "sap", "--dir", str(root / "sap"), "--shop", str(folder.shop_file)),
        *("--company", SAP_COMPANY, "--user", SAP_USER, "--password", SAP_PASSWORD),
    )
    house.start_together(
        {
            "sap": sap,
            "revmax": _serial("revmax", root / "revmax", folder.fiscal_link),
            "printer": _serial("printer", root / "printer", folder.printer_link),
            "gateway": ("sandbox", "gateway", "--dir", str(root / "gateway")),
        }
    )


def _serial(name: str, directory: Path, link: Path) -> tuple[str, ...]:
    return ("sandbox", name, "--dir", str(directory), "--serial", str(link))


def _start_server(house: House, *, database_url: str | None, seed: int) -> None:
    """Fill the server's books before it serves: people once, master data from SAP."""
    folder = house.folder
    port = folder.notes().get("port", 0)
    database = database_url or folder.notes().get("database", "server.db")
    write = partial(
        folder.write_server,
        database=database,
        sap=house.said("sap")["url"],
        fiscal=house.said("revmax")["http"],
        gateway=house.said("gateway")["url"],
    )
    write(port=port)
    installation = install(folder.server_config)
    try:
        if not folder.has_till_key() or "users" not in folder.notes():
            made = people.make(installation, seed=seed)
            folder.keep_till_key(made["till_key"])
            folder.note(users=made["users"], database=database)
        ServerWork(installation).fetch_now()
    finally:
        installation.close()
    api = house.start("server", "server", "--config", str(folder.server_config))["api"]
    taken = int(api.rsplit(":", 1)[1])
    folder.note(port=taken)
    # Whoever starts this server again by its config finds it where its tills look for it.
    write(port=taken)
    folder.write_till(server=api)


def _prepare_till(house: House) -> None:
    """Bring the till up to date and open its shift, as a cashier would in the morning."""
    installation = install(house.folder.till_config, clock=SystemClock())
    try:
        _fetch(installation)
        if shift.current(installation.shop) is None:
            cashier = next(row for row in house.folder.notes()["users"] if row["role"] == "Cashier")
            actor = sign_in.with_pin(installation.shop, cashier["username"], cashier["pin"])
            shift.open_shift(installation.shop, actor, parse_counts(FLOAT))
    finally:
        installation.close()


def _fetch(installation: Installation) -> None:
    settings = installation.settings.server
    key = installation.secrets.resolve(settings.api_key)
    with HttpRemote(settings.url, key) as remote:
        done = True
        while done:
            worked = sync.work(installation.shop, remote, is_forced=True)
            if worked.problem:
                raise RemoteUnavailable("server of the demo", worked.problem)
            done = worked.done > 0
