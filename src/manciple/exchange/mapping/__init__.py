"""Mapping: a partner's segments to our words and back.

The rooms:
    document    the canonical partner document: what any standard is read into
    codes       code lists with a partner's overlay on top
    maps        the maps of `mappings/x12`, loaded and compiled once
    draft       a document while it is being read
    verbs       what a row of a map can do: head_verbs, line_verbs, price_verbs
    values      numbers and days, exactly or not at all
    x12         segments to a document
    hierarchy   the tree of a ship notice
    compose     a document to the segments that we send
"""
