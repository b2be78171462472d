"""Writes of the counts: beginning one, its sheets, scans, lots on the scale, the approval."""
