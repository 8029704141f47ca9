"""A picture as text that other programs draw: SVG, HTML, Mermaid. Never here: facts about a network."""
