"""The operating model before Manciple, as an in-memory model of discrete events.

    parameters   every figure with its source, read from parameters.toml
    mechanism    what Manciple does otherwise, one switch each
    model        one house, one seed, so many days: the records that measures are taken of

With every switch on it models Manciple's own way; with none the way before. It shares customers,
shelves, suppliers and people's reaction times with the simulated world, and its results are
*modelled*: no company's figures.
"""
