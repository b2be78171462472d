"""The findings themselves, by the part of the link that breaks."""
