"""Pages of the stock: the list, one piece, files on their way in."""
