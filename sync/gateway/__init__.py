"""Gateways of mobile money: PayNow, InnBucks, EcoCash, each in its messages behind one port."""
