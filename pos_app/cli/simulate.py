"""pos simulate: tills, server, SAP and devices on virtual time, with seeded faults."""

from __future__ import annotations

import time

import click

from pos_app.cli import answer, option

VIOLATED = 6
SHOWN = 20


@click.command("simulate")
@click.option("--seed", type=int, default=1, help="The same seed gives the same run.")
@click.option("--tills", type=click.IntRange(1, 20), default=2)
@click.option("--days", type=click.IntRange(1, 365), default=1)
@click.option(
    "--faults",
    type=click.FloatRange(0, 1),
    default=0.05,
    help="How likely something breaks at each occasion.",
)
@option.as_json
@click.pass_context
def command(
    context: click.Context, seed: int, tills: int, days: int, faults: float, *, as_json: bool
) -> None:
    """Simulate a shop, then check everything; exit 6 when something does not hold."""
    from pos_app import log
    from pos_app.simulation.plan import Plan
    from pos_app.simulation.run import simulate

    began = time.perf_counter()
    with log.silent():
        ran = simulate(Plan(seed=seed, tills=tills, days=days, faults=faults))
    seconds = time.perf_counter() - began
    if as_json:
        answer.write(ran.as_json() | {"wall_seconds": round(seconds, 2)})
    else:
        struck = sum(ran.faults.values())
        answer.say(
            f"Seed {seed}: {tills} tills, {days} days, {ran.sales} sales, {struck} faults in "
            f"{seconds:.1f} s; everything had drained {ran.drained_minutes} minutes later."
        )
        for row in ran.violations[:SHOWN]:
            answer.say(f"{row.code} {row.subject}: {row.sentence}")
        answer.say(f"Trace {ran.trace_hash}")
        answer.say(
            "Everything holds." if not ran.violations else f"{len(ran.violations)} violations."
        )
    if ran.violations:
        context.exit(VIOLATED)
