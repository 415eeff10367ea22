"""pos sandbox: one simulator alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

ID_LENGTH_MAX = 10

FOLDER = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Where it keeps its state; the same folder again resumes it.",
)
PORT = click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
HOST = click.option("--host", default="127.0.0.1", help="Address to listen on.")
SERIAL = click.option(
    "--serial",
    type=click.Path(path_type=Path),
    help="Make a pseudo-terminal and this symbolic link to it.",
)


@click.group("sandbox")
def command() -> None:
    """Run one simulator; it prints one line of JSON when it is ready."""


@command.command("sap")
@PORT
@HOST
@FOLDER
@click.option(
    "--shop",
    type=click.Path(path_type=Path, exists=True),
    help="A shop to load first: a JSON file or a folder of CSV files.",
)
@click.option("--company", default="DEMO", help="Name of its company database.")
@click.option("--user", default="pos", help="Who may log in.")
@click.option("--password", default="pos", help="Their password.")
def sap(
    port: int,
    host: str,
    directory: Path,
    shop: Path | None,
    company: str,
    user: str,
    password: str,
) -> None:
    """SAP Business One Service Layer."""
    from pos_app.cli.fault import SystemRefused
    from sandbox.clock import ClockDamaged
    from sync.sap.simulator.journal import JournalDamaged
    from sync.sap.simulator.sandbox import run
    from sync.sap.simulator.shop_rows import ShopInvalid

    try:
        run(
            port=port,
            host=host,
            directory=directory,
            shop=shop,
            company_db=company,
            user=user,
            password=password,
        )
    except ShopInvalid as error:
        if shop is None:
            raise SystemRefused(str(error)) from error
        raise click.BadParameter(str(error), param_hint="--shop") from error
    except (JournalDamaged, ClockDamaged) as error:
        raise SystemRefused(str(error)) from error


@command.command("revmax")
@PORT
@HOST
@FOLDER
@SERIAL
@click.option("--device-id", default="99001", help="Its number at the tax authority.")
@click.option("--profile", default="percent", help="The dialect it speaks, as in config.toml.")
@click.option(
    "--key", type=click.Choice(["rsa", "ecdsa"]), default="rsa", help="The key a new one is given."
)
@click.option("--seed", type=int, default=0, help="Of the chances and the damage of faults.")
def revmax(
    port: int,
    host: str,
    directory: Path,
    serial: Path | None,
    device_id: str,
    profile: str,
    key: Literal["rsa", "ecdsa"],
    seed: int,
) -> None:
    """REVMax fiscal device, over HTTP and over a pseudo-serial port."""
    from fiscal import profile as profiles
    from fiscal.errors import ProfileUnknown
    from fiscal.simulator.sandbox import run
    from fiscal.simulator.settings import DeviceSettings
    from pos_app.cli.fault import SystemRefused
    from sandbox.clock import ClockDamaged

    if not (device_id.isascii() and device_id.isdigit() and len(device_id) <= ID_LENGTH_MAX):
        raise click.BadParameter("use up to 10 digits.", param_hint="--device-id")
    try:
        dialect = profiles.profile(profile)
    except ProfileUnknown as error:
        raise click.BadParameter(str(error), param_hint="--profile") from error
    try:
        run(
            port=port,
            host=host,
            directory=directory,
            serial_link=serial,
            settings=DeviceSettings(device_id=device_id, profile=dialect),
            key=key,
            seed=seed,
        )
    except ClockDamaged as error:
        raise SystemRefused(str(error)) from error


@command.command("printer")
@PORT
@HOST
@FOLDER
@SERIAL
@click.option(
    "--rfc2217",
    "network_port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of its serial server on the network (RFC 2217); 0 takes a free one.",
)
@click.option(
    "--machine",
    "name",
    default="80mm",
    show_default=True,
    help="Kind of printer: 80mm, 80mm-42, 58mm, 80mm-clone or 58mm-clone.",
)
@click.option("--baud", type=click.IntRange(300), help="Its speed; at another it hears noise.")
@click.option(
    "--flow",
    type=click.Choice(["hardware", "xonxoff", "none"]),
    default="hardware",
    show_default=True,
    help="What happens when its buffer is full.",
)
@click.option("--buffer", type=click.IntRange(45), default=4096, show_default=True, help="Bytes.")
@click.option("--seed", type=int, default=0, help="Of the chances and the damage of faults.")
def printer(**given: Any) -> None:
    """Receipt printer on a pseudo-serial port and on the network; its paper is a folder."""
    from dataclasses import replace

    from printing.simulator.machine import MACHINES, Intake
    from printing.simulator.sandbox import run

    if given["name"] not in MACHINES:
        known = ", ".join(MACHINES)
        raise click.BadParameter(f"use one of {known}.", param_hint="--machine")
    machine = replace(
        MACHINES[given["name"]],
        baud=given["baud"],
        intake=Intake(given["flow"]),
        buffer=given["buffer"],
    )
    run(
        port=given["port"],
        host=given["host"],
        directory=given["directory"],
        serial_link=given["serial"],
        network_port=given["network_port"],
        machine=machine,
        seed=given["seed"],
    )


@command.command("gateway")
@PORT
@HOST
@FOLDER
def gateway(port: int, host: str, directory: Path) -> None:
    """Mobile money: PayNow, InnBucks and EcoCash, with customers who pay."""
    from sync.gateway.simulator.sandbox import run

    run(port=port, host=host, directory=directory)
