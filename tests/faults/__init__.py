"""The problems that people had with such clients, and what shows that they are gone."""
