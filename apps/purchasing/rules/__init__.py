"""The arithmetic and the rules of old gold: no database, no clock, no Django."""
