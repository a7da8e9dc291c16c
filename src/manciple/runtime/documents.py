"""Documents and events as the runtime sees them: frozen records that can say what they are."""

from typing import ClassVar, Protocol, runtime_checkable

from manciple.kernel.records import dataclass


@runtime_checkable
class Document(Protocol):
    """A record with a life of its own: a requisition, an order, a case, an item.

    ``KIND`` is its class's name in the store (lower case, ``purchase-order``); ``id`` is its
    number within the kind; ``state`` a word for lists. Version and hash are the store's.
    """

    KIND: ClassVar[str]

    @property
    def id(self) -> str:
        """Give the document's number within its kind."""
        ...

    @property
    def state(self) -> str:
        """Give the one word that lists show."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A typed reference to a document; as text ``purchase-order/PO-4T0C9M2K7QWE``.

    The text is also the name of the document's event stream.
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """Read ``kind/id``; the id may itself hold slashes."""
        kind, _, name = text.partition("/")
        return cls(kind, name)


def ref(document: Document) -> Ref:
    """Give the reference of a document at hand."""
    return Ref(document.KIND, document.id)
