"""What this process knows about itself and what it depends on, kept in memory.

    check.py      what is looked at: name, cadence, deadline, whether readiness hangs on it
    record.py     what was seen of one check: expiry, hysteresis, changes (pure)
    sampler.py    the threads that look, and the watchdog over them
    board.py      memory that all processes of one server share: who lives, who drains
    station.py    all of it in this process, put together
    checks/       the checks themselves
    catalogue.py  which of them a web process runs, and which a worker
    entry.py      opens the station of this process, and finds it
    port.py       the probe port of a process; wire.py is the HTTP it speaks
    detailed.py   the long answer; verdict.py and accept.py judge for the short ones
    wedge.py      requests that miss a database that is there

Probes read what is kept here and never look themselves (apps.core.health).
"""
