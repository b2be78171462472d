"""The database's own certificate authority, and the certificate of its servers."""
