"""Break the system on purpose, while real sales go on, and measure what it costs.

One file is one failure: a claim with a number, how it is broken, how it is mended, what is held
against the claim. `cluster.py` says what a drill may do to a cluster; `on_laptop.py` and
`on_kubernetes.py` do it.
"""
