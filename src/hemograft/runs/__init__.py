"""Run folders: complete or absent, with the recipe to make them again."""
