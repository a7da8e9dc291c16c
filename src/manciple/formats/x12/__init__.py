"""X12: what a file of an American trading partner holds, and how to answer it.

separators     which four characters this interchange uses, found in its ISA
tokens         bytes to segments, leniently: (index, byte offset, tag, elements)
findings       what is wrong, where, and how X12 says so (TA1, AK3, AK4, AK5, AK9)
envelope       interchanges, groups and messages; counts and control numbers
acknowledge    997 and TA1 out, 997 and TA1 in
write          typed segments to bytes
"""
