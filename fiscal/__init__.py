"""Fiscal devices: messages, link, transports, driver, and a device simulator. A leaf."""
