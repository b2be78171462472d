"""Pages of what customers owe and what they are owed."""
