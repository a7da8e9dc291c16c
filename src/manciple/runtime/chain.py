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


def merkle(leaves: Iterable[bytes]) -> bytes:
    """Give the Merkle root of the leaves in their order; of none, the hash of nothing.

    Leaves and nodes are hashed under different prefixes, so that no node can pass for a leaf.
    An odd node is carried up, which is RFC 6962's tree. Source: RFC 6962, section 2.1.
    """
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\1" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]
