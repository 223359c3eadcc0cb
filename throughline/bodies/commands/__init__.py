"""People, tokens and bodies by the command line, which acts as the installation."""

from throughline.bodies.commands import bodies, people

COMMANDS = [*people.COMMANDS, *bodies.COMMANDS]

__all__ = ["COMMANDS"]
