"""Pages of pricing: the rate board, making tables, the shop's own rules."""
