"""The command line: one more door.

main       the root: every command's name, and the only reader of the environment
client     whom a command speaks to, and with whose key
inside     the HTTP API in this process, when no server runs
options    options that every command has; a refusal as exit 1 with its reasons
output     JSON for programs, calm tables for people
papers     ``list`` and ``show`` of every kind of document

Commands that act or show business data are clients of the HTTP API: a control that refuses there
refuses here. What only reads files (``read``, ``flows check``, ``policy check``) needs no server;
``migrate``, ``serve``, ``worker``, ``demo`` and ``audit verify`` open the installation itself.
"""

from manciple.cli.main import main

__all__ = ["main"]
