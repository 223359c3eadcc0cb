"""What a procedure is, whether it can be carried out, and which one applies. Pure."""
