"""A first spec, commented, for `fargatenet init`: text that loads without errors or warnings as it stands.

Never here: files, Compose (compose.py).
"""

from __future__ import annotations

import re

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST = 40

STARTER = """\
# A stack of Fargate services and the network they live in.
#   fargatenet validate {name}.yaml           everything that can be known without AWS
#   fargatenet up {name}.yaml --sandbox       try it on an embedded AWS, without an account
#   fargatenet plan {name}.yaml               what `up` would do on AWS, with cost
# The first line below lets editors complete and check this file; `fargatenet schema` writes that schema.
# yaml-language-server: $schema=schema.json

stack: {name}                     # tags and names of all resources derive from it
# region: eu-west-1             # without it: AWS_REGION, or the profile's Region

network:
  cidr: 10.0.0.0/16             # the VPC; subnets are carved out of it
  zones: 2                      # a balancer needs two
  egress: nat                   # the way out: none, public, nat, nat-per-zone, nat-regional, endpoints, endpoints+nat
  # Instead of a new VPC, one that is there:
  # vpc: vpc-0abc
  # subnets: {{public: [subnet-1, subnet-2], private: [subnet-3, subnet-4]}}

services:
  web:
    cpu: 256                    # 1024 are one vCPU
    memory: 512                 # MiB
    count: 2                    # tasks that run at once
    containers:
      - name: nginx
        image: public.ecr.aws/nginx/nginx:1.27
        ports: [80]             # container ports; a task has its own address, so there are no host ports
        # environment: {{LOG: info}}
        # secrets: {{DB_URL: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"}}
        # health: "curl -f http://localhost/ || exit 1"
    expose:                     # ways in from outside: alb, nlb, dns
      - alb:
          listen: 80
          to: "nginx:80"
          health: {{path: /}}
          # certificate: "arn:aws:acm:eu-west-1:123456789012:certificate/..."     makes it HTTPS on 443
    # discovery:                # a name for other services
    #   - cloud_map: {{namespace: {name}.local, name: web}}
    # allow_from: [api]         # who else may connect to the tasks directly: services, CIDRs, security groups
    # scaling: {{min: 2, max: 4, cpu: 60}}

reach:                          # what must hold; checked by plan, up and reach-check
  - {{from: internet, to: "web:80", via: alb, expect: reachable}}
  - {{from: internet, to: "web:80", via: direct, expect: blocked}}
"""


def starter(name: str) -> str:
    """The text of a first spec for a stack of this name; the name must be one a stack can have."""
    return STARTER.format(name=name)


def stack_name(text: str, otherwise: str = "app") -> str:
    """The nearest name a stack or service can have: lower-case letters, digits and hyphens, at most 40."""
    name = _NOT_A_NAME.sub("-", text.lower()).strip("-").lstrip("0123456789-")[:_LONGEST].rstrip("-")
    return name or otherwise
