"""A file of pieces on its way in.

`read` and `xlsx` make rows of text of a file; `columns` and `shopify` say which column is which;
`cells`, `words` and `rows` make a piece of a row; `look` looks at a whole file without writing;
`uploads` keeps it for the page and brings it in, telling its `progress`; `files` does so at once.
"""
