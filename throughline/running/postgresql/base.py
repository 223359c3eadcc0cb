"""The connection to PostgreSQL as Django's settings name it (ENGINE).

Each request looks first whether its kept connection still lives. Django asks the server, which
at a deadline costs more than the session's own statement. On this host that can be seen without
asking: a server that has ended, or has ended the connection, has closed its side of the socket.

And what a transaction does last can go out in one message with its COMMIT (`commit_with`): a lock
that it takes is held for as long as the server needs, however long ours waits for its processor.
"""

from __future__ import annotations

import select
from collections.abc import Sequence

from django.db import InterfaceError, ProgrammingError
from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.sql import SQL, Composable

_SOUND = (TransactionStatus.IDLE, TransactionStatus.INTRANS)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, which asks the server only where its silence would not say that it is there, and
    sends what comes last in a transaction with its COMMIT."""

    _last: bytes = b""

    def commit_with(self, statements: Sequence[Composable]) -> None:
        """Have these carried out as the last of this transaction. What one raises, the commit
        raises, and nothing is committed. Their rows are nobody's."""
        if self._last or len(self.atomic_blocks) != 1:
            raise ProgrammingError("only the outermost block ends a transaction, and once")
        # Put together here, where an error still undoes the block.
        self._last = SQL("; ").join([*statements, SQL("COMMIT")]).as_bytes(self.connection)

    def _commit(self) -> None:
        last, self._last = self._last, b""
        if not last:
            super()._commit()  # type: ignore[misc]
            return
        with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
            if self.connection is None:
                raise InterfaceError("the connection was closed within the transaction")
            # Without parameters and unprepared: one message may then hold several statements.
            self.connection.execute(last, prepare=False)

    def _rollback(self) -> None:
        self._last = b""
        super()._rollback()  # type: ignore[misc]

    def close(self) -> None:
        """Close the connection; what was to come last of its transaction is undone with it."""
        self._last = b""
        super().close()

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
