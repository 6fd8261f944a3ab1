"""The declared model as text: equations, parameters and sources."""
