"""The hash chain of a stream and the Merkle root of a batch: how history proves itself unchanged.

head 0 = 32 zero bytes
head n = sha256(head n-1 + bytes of event n)                      one chain per document
root   = Merkle root of the heads of a sealed batch               Source: RFC 6962, 2.1
chained n = sha256(chained n-1 + root n)                          one chain over all batches
"""

import hashlib
from collections.abc import Iterable

GENESIS = bytes(32)
"""The head of a stream that has no event, and the chained root before the first seal."""


def link(head: bytes, body: bytes) -> bytes:
    """Give the hash of an event from its stream's head before it and its exact bytes."""
    return hashlib.sha256(head + body).digest()


class MerkleTree:
    """A Merkle tree that takes its leaves one by one and remembers one hash a level.

    Leaves and nodes are hashed under different prefixes, so that no node can pass for a leaf.
    Source: RFC 6962, section 2.1.
    """

    def __init__(self) -> None:
        """Start with no leaf."""
        self._peaks: list[bytes] = []
        self.leaves = 0

    def add(self, leaf: bytes) -> None:
        """Take the next leaf."""
        node = hashlib.sha256(b"\0" + leaf).digest()
        complete = self.leaves
        while complete & 1:
            node = _node(self._peaks.pop(), node)
            complete >>= 1
        self._peaks.append(node)
        self.leaves += 1

    def root(self) -> bytes:
        """Give the root of the leaves so far; of none, the hash of nothing."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = _node(peak, root)
        return root


def merkle(leaves: Iterable[bytes]) -> bytes:
    """Give the Merkle root of the leaves in their order."""
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def chained_root(chained: bytes, root: bytes) -> bytes:
    """Give the chained root from the one before it and the root of the next sealed batch."""
    return hashlib.sha256(chained + root).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
