"""What AWS has: one file per resource type, the only room that knows API field names.

Each file holds the normal form of one type (a frozen dataclass that compares with ``==``), how it is read, and, for
the types we manage, how it is made, changed and removed. Never here: threads, sleeping, printing, boto3.
"""
