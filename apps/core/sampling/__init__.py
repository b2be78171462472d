"""What this process knows about itself and what it depends on, kept in memory.

    check.py      what is looked at: name, cadence, deadline, whether readiness hangs on it
    record.py     what was seen of one check: expiry, hysteresis, changes (pure)
    sampler.py    the threads that look, and the watchdog over them
    requests.py   how many requests this process is at work on, and since when
    board.py      memory that all processes of one server share: who lives, who drains
    station.py    all of it in this process, put together
    entry.py      opens the station of this process, and finds it

    checks/       the checks themselves; names.py has their names
    catalogue.py  which of them a web process runs, and which a worker
    link.py       their way to the database; dial.py logs in, waiting.py keeps the deadlines,
                  turns.py says who asks next
    causes.py     from what a look raised to a word and a finding
    wedge.py      requests that miss a database that is there

    history.py    the last 24 hours; ring.py keeps them in memory, kept.py in tables

    port.py       the probe port of a process; wire.py is the HTTP it speaks
    detailed.py   the long answer; verdict.py and accept.py judge for the short ones

Probes read what is kept here and never look themselves (apps.core.health).
"""
