"""The Merkle tree of RFC 6962 and the chain of a stream."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from manciple.runtime.chain import GENESIS, MerkleTree, chained_root, link, merkle

# Source: RFC 6962's reference implementation (certificate-transparency, merkle_tree_test):
# the eight inputs and the roots of their first 1, 2, 3, 5, 7 and 8.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def test_the_roots_are_those_of_the_standard() -> None:
    assert {count: merkle(INPUTS[:count]).hex() for count in ROOTS} == ROOTS


def test_a_tree_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle([]) == hashlib.sha256(b"").digest()


def _by_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    halves = _by_definition(leaves[:split]) + _by_definition(leaves[split:])
    return hashlib.sha256(b"\1" + halves).digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40))
def test_leaf_by_leaf_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)

    assert tree.root() == _by_definition(leaves)


def test_every_link_depends_on_all_before_it() -> None:
    first = link(GENESIS, b"a")

    assert link(first, b"b") != link(link(GENESIS, b"x"), b"b")
    assert chained_root(GENESIS, first) != chained_root(first, GENESIS)
