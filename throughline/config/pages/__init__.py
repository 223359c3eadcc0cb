"""Pages that are composed from every room: My work, the journal, drafts."""
