"""Reads of the old gold: slips, claims, bags, bars, what is owed in metal."""
