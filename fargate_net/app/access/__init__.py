"""The least IAM policy for a spec: which action, on what, under which condition. Never here: an AWS call."""
