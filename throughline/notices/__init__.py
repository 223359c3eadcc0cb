"""The inbox: what bodies are told of what others did, and who has read it.

Rooms above declare their kinds of notices in `config/wiring.py` and send with
`sending.notify`, within their own act.
"""
