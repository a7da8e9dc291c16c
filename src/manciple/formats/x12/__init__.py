"""X12: what a file of an American trading partner holds, and how to answer it.

The rooms:
    separators     which characters this interchange uses, found in its ISA
    tokens         bytes to segments, leniently: number, byte offset, tag, elements
    findings       what is wrong, where, and how X12 says so (TA1, AK3, AK4, AK5, AK9)
    messages       interchange, group and message as records, and what came of each
    notes          where findings are kept while an envelope is open
    envelope       interchanges, groups and messages; counts and control numbers
    totals         CTT01 and CTT02 against the lines
    acknowledge    997 and TA1 out, 997 and TA1 in
    write          typed segments to bytes
"""
