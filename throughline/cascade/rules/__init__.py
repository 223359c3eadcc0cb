"""The rules of the cascade, free of Django: the life of an assignment, what weakens a superior's
word, how a text changed."""
