"""The laptop's servers: PostgreSQL over TLS, its roles, and the shop on top of it.

Knows no Django: it starts Django's programs and gives them their environment.

    python -m local.postgres          the database, until Ctrl-C (--test: the tests' own)
    eval "$(python -m local.env)"     its environment, to serve (--owner to migrate, --test to test)
    python -m local.manage migrate    one manage.py command with a database (--owner: as the owner)
    python -m local.run               what `make run` does
    python -m local.suite             what `make test` does after lint; then pytest's own arguments
    python -m local.reset             throws the data away
"""
