"""The connection to PostgreSQL as Django's settings name it (ENGINE).

Each request looks first whether its kept connection still lives. Django asks the server, which
at a deadline costs more than the session's own statement. On this host that can be seen without
asking: a server that has ended, or has ended the connection, has closed its side of the socket.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus, TransactionStatus

_SOUND = (TransactionStatus.IDLE, TransactionStatus.INTRANS)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, which asks the server only where its silence would not say that it is there."""

    def is_usable(self) -> bool:
        """Whether the connection can be used."""
        if self.connection is None:
            return False
        server = self.connection.pgconn
        sound = server.status == ConnStatus.OK and server.transaction_status in _SOUND
        if not sound or not server.host.startswith(b"/"):
            return bool(super().is_usable())
        looked = select.poll()
        looked.register(server.socket, select.POLLIN | select.POLLHUP)
        return not looked.poll(0) or bool(super().is_usable())
