"""The network of a stack as the user wishes it: a VPC to make, or one that is there already.

Never here: subnets carved out of the range, routes, prices.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from fargate_net.spec import short_forms
from fargate_net.spec.base import Model, Rows

Egress = Literal["none", "public", "nat", "nat-per-zone", "nat-regional", "endpoints", "endpoints+nat"]


class Zones(Model):
    """Availability Zones to use. Short forms: a number, or a list of zone names."""

    count: int = Field(default=2, ge=1, le=6, description="How many zones; the first ones of the region by name.")
    names: Rows[str] = Field(
        default=(), description="The zones by name, as in eu-west-1a; then `count` is their number."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return short_forms.zones(raw)


class SubnetChoice(Model):
    """Existing subnets: by id, or all subnets of the VPC that carry a tag. Short form: a list of ids."""

    ids: Rows[str] = Field(default=(), max_length=16, description="Subnet ids.")
    tag: str | None = Field(default=None, description="`key=value`: every subnet of the VPC with this tag.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, raw: Any) -> Any:
        return {"ids": raw} if isinstance(raw, (list, tuple)) else raw

    @property
    def tag_pair(self) -> tuple[str, str] | None:
        """Key and value of ``tag``, or None when the subnets are given by id or not at all."""
        if self.tag is None:
            return None
        key, _, value = self.tag.partition("=")
        return key, value

    @property
    def is_given(self) -> bool:
        """True when the user named subnets of this sort in one of the two ways."""
        return bool(self.ids) or self.tag is not None


class ExistingSubnets(Model):
    """The subnets of a VPC that exists, by what their route tables make them."""

    public: SubnetChoice = Field(
        default_factory=SubnetChoice, description="Subnets with a route to an internet gateway."
    )
    private: SubnetChoice = Field(default_factory=SubnetChoice, description="Subnets without one.")


class Network(Model):
    """A VPC for this stack alone, or (`vpc` and `subnets`) one that someone else made and keeps."""

    cidr: str = Field(
        default="10.0.0.0/16", description="IPv4 range of the VPC, /16 to /28. Subnets are carved out of it."
    )
    zones: Zones = Field(default_factory=Zones, description="Number or names of Availability Zones.")
    egress: Egress = Field(
        default="nat",
        description=(
            "How tasks reach the world. `none`: not at all. `public`: internet gateway and public addresses. `nat`: "
            "one NAT gateway for all private subnets. `nat-per-zone`: one in each zone. `nat-regional`: one regional "
            "NAT gateway. `endpoints`: no internet, only the VPC endpoints that the tasks need. `endpoints+nat`: "
            "both. Not used with `vpc`: there the routes of the VPC decide."
        ),
    )
    ipv6: bool = Field(
        default=False,
        description=(
            "Also give the VPC, its subnets, balancers and tasks IPv6 addresses; with `vpc`, use those that it has."
        ),
    )
    flow_logs: Literal["none", "rejected", "all"] = Field(
        default="rejected", description="Which traffic the VPC flow logs record, in a CloudWatch log group."
    )
    endpoints: Rows[Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{0,62}$")]] = Field(
        default=(),
        max_length=50,
        description=(
            "More AWS services to give a VPC endpoint, by short name (`sqs`, `dynamodb`), beside those that the "
            "tasks need to start."
        ),
    )
    vpc: str | None = Field(
        default=None, pattern=r"^vpc-[0-9a-f]{3,32}$", description="Id of an existing VPC. Needs `subnets`."
    )
    subnets: ExistingSubnets = Field(default_factory=ExistingSubnets, description="Existing subnets of `vpc` to use.")

    @property
    def is_existing(self) -> bool:
        """True when the VPC was made by someone else: the stack then draws no VPC, subnet, route or endpoint."""
        return self.vpc is not None

    @property
    def has_nat(self) -> bool:
        """True when this stack makes a NAT gateway of any sort."""
        return not self.is_existing and "nat" in self.egress

    @property
    def has_endpoints(self) -> bool:
        """True when this stack makes the VPC endpoints that its tasks need to start."""
        return not self.is_existing and self.egress in ("endpoints", "endpoints+nat")
