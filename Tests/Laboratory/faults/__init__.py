"""The faults, one file for each section; importing this package fills labkit.catalogue.CASES."""

from importlib import import_module

#: In the order in which a connection is made, which is the order of the table.
SECTIONS = (
    "healthy",
    "config",
    "dns",
    "tcp",
    "tls",
    "trust",
    "route",
    "token",
    "credentials",
    "privileges",
    "pooler",
)

for section in SECTIONS:
    import_module(f"{__name__}.{section}")
