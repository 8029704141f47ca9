"""Real connections from here to what the configuration opens to the internet. Never here: verdicts, printing."""
