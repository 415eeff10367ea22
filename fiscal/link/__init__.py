"""The serial link to a fiscal device, without any input or output: bytes and times in, bytes out.

Our own protocol, described in docs/fiscal-link.md; both ends are here, `host` and `device`.
"""
