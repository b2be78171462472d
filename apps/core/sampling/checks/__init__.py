"""The checks themselves, one a module: each `build` gives a Check.

What they observe, by measurement (with its unit) and component:

    program        program:addresses, program:templates, program:files
    database       database:responseTime (ms), database:role (primary | standby)    default
    migrations     migrations:pending (migrations)
    temporary      temporary:responseTime (ms)
    replicas       replication:lag (s)                                              replica
                   replication:followers (servers)
    connections    connections:used, connections:most (connections)
    cache          cache:responseTime (ms)                                          default
    queue          queue:waiting, queue:failed (jobs), queue:oldest, queue:heartbeatAge (s)
    jobs           jobs:running (jobs), jobs:loopLag (s)
    certificates   tls:daysToExpiry (d)                                             each server
    disk           disk:utilization (percent), disk:free (bytes)                    each folder
    requests       http:connections ({busy, slots, acceptQueue}), http:acceptQueue (connections)
    site           site:responseTime (ms)

Readiness hangs on database, migrations, temporary and a worker's jobs, the start on program; all
others only warn.
"""
