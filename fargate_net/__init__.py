"""fargatenet: build, inspect and explain the network of AWS Fargate services."""

__version__ = "0.1.0"
