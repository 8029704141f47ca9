"""Route 53 as Cloud Map uses it, and record sets as AWS checks them.

Authority: Amazon Route 53 Developer Guide, "Working with private hosted zones"; API reference,
ChangeResourceRecordSets (a CREATE of what exists is refused), CreateHostedZone (CallerReference).

Never here: which names a service needs.
"""

from __future__ import annotations

from typing import Any

from moto.route53.models import Route53Backend

from .calls import AwsError, Call, Proceed, repair

_moto_create_zone = Route53Backend.create_hosted_zone


def _backend(account: str) -> Any:
    from moto.route53.models import route53_backends

    return route53_backends[account]["aws"]


def private_zone(account: str, name: str, vpc_id: str) -> Any:
    """The private zone of exactly this name that is associated with a VPC, or None."""
    return next(
        (
            zone
            for zone in _backend(account).zones.values()
            if zone.private_zone
            and zone.name.rstrip(".") == name.rstrip(".")
            and vpc_id in [vpc.get("vpc_id") for vpc in zone.vpcs]
        ),
        None,
    )


def make_private_zone(account: str, region: str, name: str, vpc_id: str) -> str:
    """A private zone of a VPC; returns its id."""
    zone = _backend(account).create_hosted_zone(
        name=f"{name.rstrip('.')}.",
        private_zone=True,
        vpcid=vpc_id,
        vpcregion=region,
        comment="Created by AWS Cloud Map",
    )
    zone.linked_service = {
        "ServicePrincipal": "servicediscovery.amazonaws.com",
        "Description": "Created by AWS Cloud Map. Use Cloud Map to manage this zone.",
    }
    return str(zone.resource_id)


def remove_zone(account: str, zone_id: str) -> None:
    """Take a zone away with all its records."""
    _backend(account).zones.pop(zone_id, None)


def put_record(account: str, zone_id: str, record: dict[str, Any]) -> None:
    """Add a record set to a zone; `record` has the shape of ResourceRecordSet, values as plain strings."""
    zone = _backend(account).zones.get(zone_id)
    if zone is not None:
        zone.add_rrset(record)


def remove_records(account: str, zone_id: str, set_identifier: str) -> None:
    """Take away the record sets of one Cloud Map instance."""
    zone = _backend(account).zones.get(zone_id)
    if zone is not None:
        zone.rrsets = [record for record in zone.rrsets if record.set_identifier != set_identifier]


@repair("route53", "CreateHostedZone")
def create_hosted_zone(call: Call, proceed: Proceed) -> Any:
    """A caller reference is used once; a private zone names its VPC; two of one name do not share a VPC."""
    backend, params = _backend(call.account), call.params
    if any(zone.caller_reference == params.get("CallerReference") for zone in backend.zones.values()):
        raise AwsError(
            "HostedZoneAlreadyExists",
            f"A hosted zone has already been created with the specified caller reference, {params['CallerReference']}.",
        )
    vpc_id = params.get("VPC", {}).get("VPCId")
    if vpc_id and private_zone(call.account, params["Name"], vpc_id) is not None:
        raise AwsError(
            "ConflictingDomainExists",
            f"The VPC {vpc_id} in region {params['VPC'].get('VPCRegion')} has already been associated with the hosted "
            f"zone with the same domain name.",
        )
    return proceed()


@repair("route53", "DeleteHostedZone")
def delete_hosted_zone(call: Call, proceed: Proceed) -> Any:
    """A zone of Cloud Map is not deleted by hand."""
    zone = _backend(call.account).zones.get(call.params["Id"].split("/")[-1])
    if zone is not None and getattr(zone, "linked_service", None):
        raise AwsError(
            "AccessDenied",
            "The resource hostedzone/"
            f"{zone.resource_id} can only be managed through AWS Cloud Map (arn:aws:servicediscovery)",
        )
    return proceed()


@repair("route53", "ChangeResourceRecordSets")
def change_records(call: Call, proceed: Proceed) -> Any:
    """CREATE of an existing record set and DELETE of a missing one are refused before anything changes."""
    zone = _backend(call.account).zones.get(call.params["HostedZoneId"].split("/")[-1])
    problems = []
    for change in call.params["ChangeBatch"]["Changes"] if zone is not None else []:
        wanted = change["ResourceRecordSet"]
        name = wanted["Name"].rstrip(".") + "."
        exists = any(
            record.name.rstrip(".") + "." == name
            and record.type == wanted["Type"]
            and record.set_identifier == wanted.get("SetIdentifier")
            for record in zone.rrsets
        )
        if change["Action"] == "CREATE" and exists:
            problems.append(
                f"Tried to create resource record set [name='{name}', type='{wanted['Type']}'] but it already exists"
            )
        elif change["Action"] == "DELETE" and not exists:
            problems.append(
                f"Tried to delete resource record set [name='{name}', type='{wanted['Type']}'] but it was not found"
            )
    if problems:
        raise AwsError("InvalidChangeBatch", "[" + ", ".join(problems) + "]")
    return proceed()


def _create_zone(self: Any, *given: Any, **named: Any) -> Any:
    """Moto writes the SOA record of a new zone as the text of a mapping."""
    zone = _moto_create_zone(self, *given, **named)
    for record in zone.rrsets:
        record.records = [value["Value"] if isinstance(value, dict) else value for value in record.records]
    return zone


def install() -> None:
    """Let new zones have a proper SOA record."""
    Route53Backend.create_hosted_zone = _create_zone  # type: ignore[method-assign]
