"""The dossier: what there is to trust the model for, and what there is not, in one generated document."""
