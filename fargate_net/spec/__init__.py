"""The wish: a YAML file, its models and the rules that need no AWS.

Never here: boto3, environment variables, decisions about AWS resources.
"""
