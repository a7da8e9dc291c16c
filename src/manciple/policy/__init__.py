"""Policies as data: decision tables with typed columns, versions and reasons.

    conditions.AnyOf, Interval, ...        one cell: ``[250..5000)``, ``not bulk``, ``-``
    table.DecisionTable, Column, Row       a table as its owner wrote it, checked cell by cell
    source.read_tables                     YAML bytes -> tables, every defect listed at once
    evaluate.CompiledTable -> Ruling       which row fired, and why the others did not
    register.Register                      all tables in all versions; decide, replay
    lint.lint                              gaps, overlaps, shadowed rows, with example values
    describe.policy_pages                  the reference pages

No match is a hold, never an approval; wrong or missing facts are an error, never a silent miss.
"""
