"""The metrics once more, reckoned in batch from what others wrote down, to hold ours against.

    ERP's database      which orders, lines, sites, suppliers; ordered, given up, received, when
    kept bytes          what papers say: 850, 860 out; 855, 865, 856, 810 in (`x12` reads them)
    sealed event rows   what stands nowhere else: instants, who decided, what was held
    -> `lines`, `work`  one fact for each thing that counts        -> `figures`  numbers

Nothing here imports a line of the program: no table, no function, no constant is shared with the
projection. A difference is a mistake in one of the two.
"""
