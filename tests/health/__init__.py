"""The fault matrix: real gunicorn, PostgreSQL over verified TLS, PgBouncer, broken on purpose.

Under every fault the same is asked (expect.fault): the statuses of live, ready,
startup and the detail, its word, the time until it shows, and the way back; no
probe slower than half a second; nothing told to strangers; one log line a
change and process, none a probe; threads that do not pile up; no restart by a
kubelet. The rows, by module; each module's docstring has its tests:

test_doors      1 nothing wrong, 23 slots busy, 30 storm, 31 any Host, 32 redirect,
                33 who sees the detail, 34 HEAD, POST, exclude
test_database   2 stopped, 5 frozen, 10 full, 11 login and role, 12 TLS, 13 read-only and standby
test_link       4 black hole and silence, 6 to 9 PgBouncer (3 and 7 frozen, sync workers), 35 wedged
test_starting   15 migrations pending, 16 newer tables, 17 down at start
test_machine    20 DNS, 21 disk full
test_process    24 computing, 25 stopped worker, 27 clock
test_slowly     14 lag, 18 cache, 19 jobs, 22 certificates, 26 watchdog
test_ending     28 drain, 29 SIGTERM under load
test_fleet      36 three servers

Not here: endpoints, events and evictions, which only a cluster has; ten
minutes of a fault, and a minute of a storm, for the time they take. The clock
of row 27 is the process's own as Python reads it: the machine's is everybody's.
"""
