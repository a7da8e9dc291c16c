"""An application put together: settings in, everything wired, on SQLite or PostgreSQL."""

from collections.abc import Callable, Mapping
from pathlib import Path

from manciple.adapters.house import HouseEndpoint
from manciple.adapters.inbound import InboundEndpoint
from manciple.adapters.sql.audit import verify
from manciple.adapters.sql.audit_trail import SqlAuditTrail
from manciple.adapters.sql.changes import SqlChanges
from manciple.adapters.sql.engine import open_engine
from manciple.adapters.sql.letters import SqlLetters
from manciple.adapters.sql.lines import SqlLines
from manciple.adapters.sql.metrics import SqlMetrics
from manciple.adapters.sql.migrating import check_migrated
from manciple.adapters.sql.needs import SqlAssignments, SqlItemFinder, SqlLeadTimes, SqlNeeds
from manciple.adapters.sql.notices import SqlNotices
from manciple.adapters.sql.order_file import SqlOrderFiles
from manciple.adapters.sql.order_lines import SqlOrderLines
from manciple.adapters.sql.payables import SqlPayables
from manciple.adapters.sql.queries import SqlDocuments, SqlHistory, SqlWorklists
from manciple.adapters.sql.records import RecordTable
from manciple.adapters.sql.stamp import Stamp
from manciple.adapters.sql.store import SqlStore
from manciple.adapters.sql.supplier_list import SqlSupplierList
from manciple.adapters.sql.supplier_papers import SqlSupplierPapers
from manciple.adapters.sql.tracing import SqlInterchanges, SqlTraces
from manciple.adapters.sql.unbilled import SqlUnbilled
from manciple.adapters.sql.waiting import SqlWaiting
from manciple.app.application import Application
from manciple.app.definitions import Definitions, load
from manciple.app.registry import registry_of
from manciple.app.systems import EndpointRegister, Systems
from manciple.approvals.request import Assigned
from manciple.approvals.spending import Commitment
from manciple.catalog.finding import ItemWord
from manciple.catalog.supplier import Supplier
from manciple.exchange.interchange import Interchange
from manciple.exchange.partner import Partner, SenderIndex
from manciple.exchange.understanding import Known
from manciple.governance.notice import Notice, NoticeMail, NoticeSeen
from manciple.kernel.clock import Clock, WallClock
from manciple.kernel.money import Currency
from manciple.ordering.line_ledger import Posting
from manciple.ordering.queries import ItemOrdered
from manciple.processes.outcomes import alarmed, failed, heard
from manciple.receiving.lead_time import LeadTime
from manciple.requisitioning.queries import Raised
from manciple.runtime.drains import Drains
from manciple.runtime.work import NotFoundError
from manciple.settings import Settings

RECORDS = (
    RecordTable.of("posting", Posting),
    RecordTable.of("assigned", Assigned),
    RecordTable.of("commitment", Commitment),
    RecordTable.of("notice", Notice),
    RecordTable.of("notice_seen", NoticeSeen),
    RecordTable.of("notice_mail", NoticeMail),
    RecordTable.of("raised", Raised),
    RecordTable.of("item_ordered", ItemOrdered),
    RecordTable.of("lead_time", LeadTime),
    RecordTable.of("item_word", ItemWord),
)
"""The record types that have tables of their own."""


def settings_from(
    environment: Mapping[str, str], *, home: Path | None = None, url: str | None = None
) -> Settings:
    """Read the settings: what was said on the command line wins over the environment.

    Reads MANCIPLE_HOME, MANCIPLE_DATABASE_URL, MANCIPLE_EXECUTOR, MANCIPLE_ERP_URL,
    MANCIPLE_WMS_URL, MANCIPLE_FINANCE_URL, MANCIPLE_PARTNERS, MANCIPLE_HOST, MANCIPLE_PORT,
    MANCIPLE_SMTP_URL, MANCIPLE_LINK_KEYS. One that is empty says nothing.
    """
    environment = {name: value for name, value in environment.items() if value}
    place = (home or Path(environment.get("MANCIPLE_HOME", "manciple-home"))).resolve()
    address = url or environment.get("MANCIPLE_DATABASE_URL") or f"sqlite:///{place}/manciple.db"
    return Settings(
        home=place,
        database_url=address,
        executor=environment.get("MANCIPLE_EXECUTOR", "manciple-1"),
        erp_url=environment.get("MANCIPLE_ERP_URL"),
        wms_url=environment.get("MANCIPLE_WMS_URL"),
        finance_url=environment.get("MANCIPLE_FINANCE_URL"),
        partners=Path(environment.get("MANCIPLE_PARTNERS", str(place / "partners"))),
        host=environment.get("MANCIPLE_HOST", "127.0.0.1"),
        port=int(environment.get("MANCIPLE_PORT", "8480")),
        smtp_url=environment.get("MANCIPLE_SMTP_URL"),
        link_keys=environment.get("MANCIPLE_LINK_KEYS"),
    )


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    systems: Systems | None = None,
    definitions: Definitions | None = None,
) -> Application:
    """Put an application together over a migrated database.

    Raises:
        UnmigratedError: the database has another schema than this program.
    """
    time = clock or WallClock()
    rules = definitions or load()
    registry = registry_of(rules)
    engine = open_engine(settings.database_url, synchronous=settings.synchronous)
    check_migrated(engine)
    store = SqlStore(engine, registry, records=RECORDS)
    documents = SqlDocuments(engine, store.decoded)
    reach = systems or Systems.over(settings)
    inbound = InboundEndpoint(_loader(store, documents), known(documents, rules))
    drains = Drains(
        store=store,
        clock=time,
        endpoints=EndpointRegister(reach, inbound, _house(store)),
        heard=heard,
        failed=failed,
        alarmed=alarmed,
        executor=settings.executor,
    )
    return Application(
        clock=time,
        store=store,
        registry=registry,
        definitions=rules,
        systems=reach,
        drains=drains,
        documents=documents,
        worklists=SqlWorklists(engine),
        history=SqlHistory(engine),
        traces=SqlTraces(engine),
        changes=SqlChanges(engine, store.signal),
        interchanges=SqlInterchanges(engine),
        waiting=SqlWaiting(engine),
        lines=SqlLines(engine),
        order_files=SqlOrderFiles(engine),
        supplier_list=SqlSupplierList(engine),
        unbilled=SqlUnbilled(engine),
        payables=SqlPayables(engine),
        metrics=SqlMetrics(engine),
        letters=SqlLetters(engine),
        audit_trail=SqlAuditTrail(engine),
        supplier_papers=SqlSupplierPapers(engine),
        notices=SqlNotices(engine),
        needs=SqlNeeds(engine),
        assignments=SqlAssignments(engine),
        lead_times=SqlLeadTimes(engine),
        items=SqlItemFinder(engine),
        order_lines=SqlOrderLines(engine),
        stamp=Stamp(engine),
    )


def _house(store: SqlStore) -> HouseEndpoint:
    return HouseEndpoint(
        bytes_of=store.bytes_of,
        replace=store.replace_letter,
        verify=lambda now: verify(store.engine, now),
    )


def _loader(
    store: SqlStore, documents: SqlDocuments
) -> Callable[[str], tuple[Interchange, bytes]]:
    def load_file(name: str) -> tuple[Interchange, bytes]:
        stored = documents.get(Interchange, name)
        if stored is None:
            raise NotFoundError(Interchange.KIND, name)
        return stored.document, store.bytes_of(stored.document.digest)

    return load_file


def known(documents: SqlDocuments, rules: Definitions) -> Known:
    """Give what the reader of files may ask about partners."""

    def profile(supplier: str) -> Partner | None:
        stored = documents.get(Partner, supplier)
        return stored.document if stored else None

    def signed(address: str) -> Partner | None:
        index = documents.get(SenderIndex, address)
        return profile(index.document.partner) if index else None

    def currency(supplier: str) -> Currency:
        stored = documents.get(Supplier, supplier)
        return stored.document.currency if stored else Currency.USD

    return Known(signed=signed, profile=profile, currency=currency, maps=rules.maps)
