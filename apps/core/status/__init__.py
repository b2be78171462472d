"""The page /status/: health in words and pictures, for whoever runs the installation.

It shows what stations keep in memory and what the tables of history hold, so
it is there, with less, while the database is not.
"""
