"""Claims about a running cluster, each looked at and answered with evidence.

It needs Python and kubectl, and nothing of the shop: it may be copied to where
the cluster is operated from. It changes nothing.

    python -m ops validate [--context NAME] [--namespace NAME] [--manifests FOLDER]

A claim `holds`, is `broken`, or is `unchecked`. What could not be checked is
not a pass: the exit status is 0 only when every claim holds.
"""
