"""What an installation is told from outside; read once, when the application is built."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things lie and whom to speak to.

    Attributes:
        home: the folder of everything that this installation keeps in files.
        database_url: ``sqlite:///FILE`` or ``postgresql://...``.
        executor: this process's name among workers; unique while it lives.
        erp_url, wms_url, finance_url: the other systems; None: nobody is there, and what is to
            be told them waits.
        partners: the folder under which each partner has ``out`` (ours to them) and ``in``.
        host, port: where the API and the pages are served.
        synchronous: SQLite's word for how safe a commit is; FULL survives a loss of power.
        smtp_url: the mail server, ``smtp+starttls://user:word@host:587``; None: mails wait.
        link_keys: the keys that sign links, ``id:hex`` pairs, the first signs; None: the home's
            own file. Nodes that share no home must be told them.
    """

    home: Path
    database_url: str
    executor: str = "manciple-1"
    erp_url: str | None = None
    wms_url: str | None = None
    finance_url: str | None = None
    partners: Path
    synchronous: str = "FULL"
    host: str = "127.0.0.1"
    port: int = 8480
    smtp_url: str | None = field(default=None, repr=False)
    link_keys: str | None = field(default=None, repr=False)
