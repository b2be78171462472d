"""Before any TLS: parameters, the name's address, the port."""

from typing import Final

from apps.core.database.finding import Finding

ALL: Final = (
    Finding(
        "params.missing",
        "parameters",
        "A parameter of the link is not set.",
        "Nothing was tried: without it there is no link to try.",
        "Set the variable that is named, or its …_FILE form; docs/reference/settings.md has each.",
        "Do not put a default into the code: a default password or host hides the next mistake.",
    ),
    Finding(
        "params.contradiction",
        "parameters",
        "Two sources say different things about the same parameter.",
        "A silent winner is how plaintext gets into production, so neither is taken.",
        "Keep one of the two: DATABASE_URL or the single variable.",
        "Do not rely on an order of precedence.",
    ),
    Finding(
        "params.invalid",
        "parameters",
        "A parameter of the link has a value that cannot be, or a name that is not known.",
        "The client refused it before it spoke to any server.",
        "Correct the parameter that is named; docs/reference/settings.md has each.",
        "Do not look at the server: nothing has reached it.",
    ),
    Finding(
        "params.secret-file",
        "parameters",
        "A …_FILE variable names a file that cannot be read.",
        "The secret is not mounted there, or this user may not read it.",
        "Check the mount and its mode: the process's user or group must be able to read it.",
        "Do not paste the secret into a plain variable instead.",
    ),
    Finding(
        "params.bad-sslmode",
        "parameters",
        "The TLS mode is a word that libpq does not know.",
        "libpq refuses to try. The six words are disable, allow, prefer, require, verify-ca and"
        " verify-full.",
        "Set DB_SSLMODE=verify-full and DB_SSLROOTCERT to the CA file.",
        "Do not leave it out: libpq's own default falls back to plaintext silently.",
    ),
    Finding(
        "params.weak-sslmode",
        "parameters",
        "The link does not check who answers, or may even be plaintext.",
        "Modes below verify-full cannot tell the database from an impostor; disable, allow and"
        " prefer can send everything in the clear, and prefer adds a misleading second line to"
        " every failed login.",
        "Set DB_SSLMODE=verify-full and DB_SSLROOTCERT to the CA file.",
        "Do not lower it to make an error go away: the error stays, its message gets worse.",
    ),
    Finding(
        "params.root-file-missing",
        "parameters",
        "The file with the CA's certificate is not there.",
        "verify-full has nothing to verify with, so libpq did not go on with TLS.",
        "Mount the CA (the ConfigMap or Secret with ca.crt) and set DB_SSLROOTCERT to its"
        " absolute path.",
        "Do not weaken the mode, as libpq's own hint suggests: that only stops checking.",
    ),
    Finding(
        "params.root-file-unreadable",
        "parameters",
        "The CA file is there, but no certificate can be read from it.",
        "It is empty, cut off, not PEM, or closed to this user.",
        "Write the CA's certificate there as PEM, readable by the process's user.",
        "Do not weaken the mode: the server is not at fault.",
    ),
    Finding(
        "params.system-roots",
        "parameters",
        "The system's authorities were asked for in a mode that does not check the name.",
        "Anybody may hold a certificate of a public authority; libpq therefore insists on"
        " verify-full with sslrootcert=system.",
        "Set DB_SSLMODE=verify-full. A CA of your own is not among the system's: name its file in"
        " DB_SSLROOTCERT.",
        "Do not add the private CA to the whole machine's list for this.",
    ),
    Finding(
        "params.direct-weak-mode",
        "parameters",
        "Direct TLS was asked for in a mode that could fall back to plaintext.",
        "sslnegotiation=direct has no plaintext to fall back to; libpq refuses the combination.",
        "Set DB_SSLMODE=verify-full, or leave direct negotiation out.",
        "Do not keep the weak mode and drop only the direct negotiation.",
    ),
    Finding(
        "params.client-key-mode",
        "parameters",
        "The client's private key can be read by others.",
        "libpq refuses such a key; a Secret mounted without a mode gives 0644.",
        "Give the key mode 0600 (0640 if root owns it): defaultMode: 0400 or 0440 in the volume."
        " If the server asks for no client certificate, leave DB_SSLCERT and DB_SSLKEY out.",
        "Do not weaken the TLS mode: it has nothing to do with the key's mode.",
    ),
    Finding(
        "params.client-key-missing",
        "parameters",
        "There is a client certificate, but its private key is missing or cannot be read.",
        "libpq found a certificate (perhaps ~/.postgresql/postgresql.crt) and needs both.",
        "Set DB_SSLKEY to the key's file; if the server asks for no client certificate, use none"
        " (sslcertmode=disable).",
        "Do not copy the server's key to the client.",
    ),
    Finding(
        "params.client-key-mismatch",
        "parameters",
        "Certificate and private key do not belong together.",
        "They are from two renewals: a subPath mount, or a copy of only one of them.",
        "Mount the whole Secret as a folder, so that both change together; renew the pair.",
        "Do not weaken the TLS mode.",
    ),
    Finding(
        "params.no-host-name",
        "parameters",
        "Only an address was given, and verify-full needs a name to compare.",
        "libpq cannot check a certificate against a name it was not told.",
        "Give the server's DNS name as host; hostaddr may hold the address beside it.",
        "Do not step down to verify-ca to get rid of the name.",
    ),
    Finding(
        "dns.not-found",
        "dns",
        "The server's name has no address.",
        "The name is misspelt, belongs to another namespace, or DNS itself cannot be reached."
        " No server was asked.",
        "Check the spelling and the namespace (NAME.NAMESPACE.svc.cluster.local), that the Service"
        " exists, and that a NetworkPolicy lets the pod reach DNS.",
        "Do not put the IP address in place of the name: the certificate is for the name.",
    ),
    Finding(
        "dns.slow",
        "dns",
        "DNS did not answer in time, or only for the moment not.",
        "The resolver is overloaded or cut off; the name may be right.",
        "Check kube-dns or the resolver, and the NetworkPolicy to port 53.",
        "Do not change the host name before DNS answers.",
    ),
    Finding(
        "tcp.refused",
        "tcp",
        "Nobody listens at this address and port.",
        "The machine answered, and no server is behind the port: stopped, restarting, another"
        " port, or a Service without ready pods.",
        "Check that the server runs, the port, and that the Service has endpoints.",
        "Do not touch TLS or passwords: neither was reached.",
    ),
    Finding(
        "tcp.timeout",
        "tcp",
        "Nothing came back from the address in time.",
        "Packets are dropped on the way (NetworkPolicy, firewall, wrong address), or the server"
        " hangs before it answers; through a pooler, its own way to the database may be broken.",
        "Check NetworkPolicies and routes to host and port; if a pooler is in between, read the"
        " first error in its log.",
        "Do not raise the timeout: a path that works answers in milliseconds.",
    ),
    Finding(
        "tcp.unreachable",
        "tcp",
        "There is no way to the address.",
        "The network or the address family (IPv6) is not available from here.",
        "Check routes, and that the name does not resolve to an address of a family not in use.",
        "Do not touch TLS or passwords: neither was reached.",
    ),
    Finding(
        "tcp.closed",
        "tcp",
        "The connection was closed or reset without a word.",
        "The server crashed, was replaced, or a proxy or firewall cut the line; right at the start"
        " it may be a port that is not PostgreSQL's.",
        "Read the server's (or pooler's) log at this time; the first error there is the cause.",
        "Do not switch TLS off because the sentence says SSL: the line was cut below it.",
    ),
    Finding(
        "tcp.socket-missing",
        "tcp",
        "The Unix socket is not there.",
        "No host was given or it is a folder, so the client looked for a server on this very"
        " machine.",
        "Set POSTGRES_HOST to the server's name.",
        "Do not start a second server here.",
    ),
)
