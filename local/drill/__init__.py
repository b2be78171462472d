"""The drill cluster: the whole system on one machine, to be broken on purpose.

Debian's etcd, PostgreSQL under Patroni, PgBouncer and HAProxy, and the shop's own programs with
the settings of production. Everything listens on the loopback and lives in one folder; when the
program that started it ends, however it ends, all of it is gone.

    python -m local.drill      runs it until Ctrl-C
"""
