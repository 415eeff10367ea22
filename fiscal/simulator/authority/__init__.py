"""The tax authority behind a box: a model of ZIMRA's fiscal device gateway (FDMS 7.2).

`gateway.Gateway` takes what devices submit, keeps it, judges it by the validation codes of
`receipt_rules` and `note_rules`, and closes days by `day_rules`. It trusts no device: everything is
computed anew from what was sent.
"""
