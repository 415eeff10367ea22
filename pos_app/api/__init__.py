"""The built-in server: HTTP in front of the services, one sub-package per contract."""
