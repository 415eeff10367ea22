"""Goods between warehouses: asked for, sent, received, and what SAP hears of it."""
