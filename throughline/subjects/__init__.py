"""What people set beside a subject: remarks, attachments, and following it.

A subject is anything that a room above shows under a lasting address: a plan, an element, an
indicator, a place. Which kinds there are, and for whom, is said by `config/wiring.py`.
"""
