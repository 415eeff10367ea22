"""Every table of the shop, for making and comparing whole schemas."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import MetaData

import pos_app.store
from pos_app.store.schema import complete


def all_tables() -> MetaData:
    """The schema with every module of this package in it; queries alone need only their own."""
    for module in pkgutil.iter_modules(pos_app.store.__path__):
        if not module.ispkg:
            importlib.import_module(f"pos_app.store.{module.name}")
    return complete()
