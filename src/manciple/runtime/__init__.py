"""How anything happens: one command, one transaction, and what the world must be told after it.

    documents   what rooms keep: frozen records with a kind and an id
    work        what a handler may do inside its transaction: load, save with events, post, link,
                put on a worklist, ask for effects and timers
    bus         which handler answers which act, by whom it may be asked, and what follows
    effects     what must be done outside, and what became of it
    lanes       criticality, and how long to wait before trying again
    codec       records to bytes and back, the same bytes for the same record
    chain       the hash chain of a stream and the Merkle root of a batch

Only Protocols and small pure types; `adapters.sql` and `adapters.memory` make them real.
"""
