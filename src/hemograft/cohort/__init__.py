"""Tables of real patients beside their virtual twins."""
