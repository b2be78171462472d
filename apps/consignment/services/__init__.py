"""Writes of memos: lending, taking in, coming back, selling and buying, paying owners."""
