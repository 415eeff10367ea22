"""A REVMax box of our own: numbers, chains, signs and refuses as the real one does.

One core, `device.Device`, on a clock that is given; the state is in memory or in a directory. It
is served in process (`fiscal.direct.DirectTransport`), over HTTP and over a pseudo-serial port
(`sandbox`). What it filed is in its ledger, whatever it answered.
"""
