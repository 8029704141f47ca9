"""Small accounts that many statements start from. Never here: questions."""

from __future__ import annotations

from collections.abc import Sequence

from tests.reach.statements.aws_json import ANY4, Account, route
from tests.reach.statements.aws_rules import Raw, tcp

VPC, MAIN, ACL = "vpc-0a1a1a1a1a1a1a1a1", "rtb-main-0a1a1a1a1a1a1a1a1", "acl-main-0a1a1a1a1a1a1a1a1"
NET_A, NET_B = "subnet-0a1a1a1a1a1a1a1aa", "subnet-0a1a1a1a1a1a1a1ab"
CLIENT, SERVER = "eni-0c1c1c1c1c1c1c1c1", "eni-05e5e5e5e5e5e5e51"
CLIENT_IP, SERVER_IP = "10.0.1.10", "10.0.2.20"
CLIENT_SG, SERVER_SG = "sg-0c1c1c1c1c1c1c1c1", "sg-05e5e5e5e5e5e5e51"
MACHINE, HOST = "i-0c1c1c1c1c1c1c1c1", "i-05e5e5e5e5e5e5e51"
IGW, PUBLIC_TABLE = "igw-0f0f0f0f0f0f0f0f0", "rtb-0b1b1b1b1b1b1b1b1"
CLIENT_EIP, SERVER_EIP = "198.51.100.10", "198.51.100.20"


def pair(ingress: Sequence[Raw] | None = None, egress: Sequence[Raw] | None = None, *, same: bool = False) -> Account:
    """A client in subnet A and a server in subnet B (``same``: in A as well) of one VPC.

    The server takes ``ingress``, by default TCP 80 from the client's group; the client sends ``egress``, by default
    anything.
    """
    made = Account()
    made.vpc(VPC, "10.0.0.0/16")
    made.subnet(NET_A, VPC, "10.0.1.0/24", "a")
    made.subnet(NET_B, VPC, "10.0.2.0/24", "b")
    made.group(CLIENT_SG, VPC, egress=egress)
    made.group(SERVER_SG, VPC, [tcp(80, CLIENT_SG)] if ingress is None else ingress)
    made.interface(CLIENT, NET_A, CLIENT_IP, CLIENT_SG, instance=MACHINE)
    made.interface(SERVER, NET_A if same else NET_B, "10.0.1.20" if same else SERVER_IP, SERVER_SG, instance=HOST)
    return made


def online(ingress: Sequence[Raw] | None = None, *, public: bool = True) -> Account:
    """A server with a public address (or not) in a subnet whose table leads to an internet gateway."""
    made = Account()
    made.vpc(VPC, "10.0.0.0/16")
    made.subnet(NET_A, VPC, "10.0.1.0/24", "a")
    made.subnet(NET_B, VPC, "10.0.2.0/24", "b")
    gateway(made)
    made.table(PUBLIC_TABLE, VPC, route(ANY4, IGW), subnets=[NET_B])
    made.group(SERVER_SG, VPC, [tcp(80, ANY4)] if ingress is None else ingress)
    made.interface(SERVER, NET_B, SERVER_IP, SERVER_SG, instance=HOST, public=SERVER_EIP if public else "")
    return made


def gateway(account: Account, vpc: str = VPC, id: str = IGW) -> None:
    """An internet gateway, attached."""
    account.add(
        "InternetGateways",
        id,
        {
            "Attachments": [{"State": "available", "VpcId": vpc}],
            "InternetGatewayId": id,
            "OwnerId": "111122223333",
            "Tags": [],
        },
    )
