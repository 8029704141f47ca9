"""Rows about the network, ways in and ways to be found."""

from __future__ import annotations

from tests.spec.marked import ECR, stack

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/abc-1"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/0123456789abcdef/0123456789abcdef"
VPC = "vpc: vpc-0abc\nsubnets: {private: [subnet-1111, subnet-2222]}"


def alb(text: str, **more: str) -> str:
    return stack(service=f"expose:\n  - alb: {text}", **more)


def nlb(text: str, **more: str) -> str:
    return stack(service=f"expose:\n  - nlb: {text}", **more)


def both(first: str, second: str) -> str:
    """Two entries in one service."""
    return stack(service=f"expose:\n  - {first}\n  - {second}")


def cloud_map(text: str, container: str = "") -> str:
    return stack(service=f"discovery:\n  - cloud_map: {text}", container=container)


def connect(text: str) -> str:
    return stack(service=f"cpu: 512\nmemory: 1024\ndiscovery:\n  - service_connect: {text}")


NETWORK = [
    (stack(network="cidr: »10.0.0.1/16"), "bits set behind the prefix", "10.0.0.0/16"),
    (stack(network="cidr: »10.0.0.0"), "one address, not a range", "10.0.0.0/32"),
    (stack(network="cidr: »10.0.0.300/16"), "not a CIDR block", ""),
    (stack(network="cidr: »10.0.0.0/15"), "/16 to /28, not /15", ""),
    (stack(network="cidr: »2001:db8::/56"), "an IPv6 range", "ipv6: true"),
    (stack(network="cidr: »10"), "10 is not text", "quotes"),
    (stack(network="cidr: »10.0.0.0/27"), "too small for 2 zones", "/26 or larger"),
    (
        stack(network="cidr: »10.0.0.0/26\negress: endpoints\n", service="count: 20"),
        "11 free addresses",
        "larger `cidr`",
    ),
    (alb("{}", network="cidr: »10.0.0.0/26\negress: endpoints"), "an `alb` needs /27", "larger range"),
    (
        alb("{}", network="cidr: »10.0.0.0/25\negress: endpoints") + "    subnets: public\n    count: 20\n",
        "Each public subnet is a /27 with 27 free addresses, but a deployment needs 31: 20 for tasks, 8 for balancers, "
        "3 for endpoints",
        "",
    ),
    (stack(network="zones: »7"), "`zones` is 7, outside 1 to 6", ""),
    (stack(network="zones: »0"), "outside 1 to 6", ""),
    (stack(network="zones: [eu-west-1a, »us-east-1a]"), "not a zone of eu-west-1", "eu-west-1a"),
    (stack(network="zones: [eu-west-1a, »eu-west-1a]"), "given twice", ""),
    (stack(network="egress: »internet"), "not one of none, public, nat", "internet gateway"),
    (stack(network="egress: »endpoint"), "not one of", "Did you mean `endpoints`?"),
    (stack(network="ipv6: »yes"), "neither true nor false", "Write true or false"),
    (stack(network="»flow_log: all"), "`flow_log` is not a key of `network`", "Did you mean `flow_logs`?"),
    (stack(network=f"{VPC}\n»cidr: 10.0.0.0/16"), "describes a VPC that the stack makes", "Remove"),
    (stack(network="vpc: »vpc-xyz\nsubnets: {private: [subnet-1111]}"), "not the id of a VPC", "vpc-0abc123"),
    (stack(network="»vpc: vpc-0abc"), "needs the subnets to use", "subnets:"),
    (stack(network="»subnets: {private: [subnet-1111]}"), "but not the VPC", "Add `vpc:"),
    (stack(network="vpc: vpc-0abc\nsubnets: {private: [»a]}"), "not the id of a subnet", ""),
    (stack(network="vpc: vpc-0abc\nsubnets: {private: {tag: »tier}}"), "not a tag", "tier=private"),
    (stack(network=VPC, service="subnets: »public"), "public subnets, but `network.subnets` has none", "public: ["),
    (alb("{}", network=VPC).replace("alb:", "»alb:"), "stands in public subnets", "internal: true"),
    (alb("{»internal: true}", network=VPC), "not known here", "sources"),
    (stack(network="egress: endpoints\nendpoints: [»SQS]"), "not the short name", "sqs"),
]

EGRESS = [
    (
        stack(container="image: »nginx:1.27"),
        '"nginx:1.27" cannot be pulled: docker.io is on the internet',
        "endpoints+nat",
    ),
    (stack(container="image: »ghcr.io/a/b"), "ghcr.io is on the internet", "private ECR"),
    (stack(container="image: »public.ecr.aws/a/b"), "public.ecr.aws is on the internet", ""),
    (stack(container="image: »quay.io/a/b", network="egress: none"), "`egress: none`", "egress: nat"),
    (stack(container=f"image: »{ECR.replace('eu-west-1', 'us-east-1')}"), "in us-east-1", "Replicate it to eu-west-1"),
    (stack(container=f"image: »{ECR}", network="egress: none"), "no endpoints lead to ECR", "egress: endpoints"),
    (
        stack(container="image: »nginx", network="egress: public", service="subnets: private"),
        "`egress: public`",
        "subnets: public",
    ),
    (
        stack(container="image: »nginx", network="egress: public", service="public_ip: false"),
        "no way out without a public address",
        "public_ip: true",
    ),
    (
        stack(network="egress: none\nendpoints: [ecr.api, ecr.dkr, s3]", service="subnets: »private"),
        "cannot reach aws:logs",
        "egress: endpoints",
    ),
    (stack(service="public_ip: »true"), "in a private subnet is of no use", "subnets: public"),
    (stack(network="egress: none", service="subnets: »public"), "leaves tasks no way out", "egress: public"),
    (stack(service="expose:\n  - »dns: {zone: app.io}"), "tasks of this service have none", "public_ip: true"),
]

EXPOSE = [
    (stack(service="expose:\n  - »{}"), "neither alb nor nlb nor dns", ""),
    (stack(service="expose:\n  - »alb: {}\n    nlb: {listen: 1}"), "holds alb and nlb", "a dash of its own"),
    (stack(service="expose:\n  - »elb: {}"), "`elb` is not a key of an `expose` entry", "Did you mean"),
    (alb("{to: »app:81}"), "does not declare port 81", "Declared ports: 80"),
    (alb("{to: »ap:80}"), "no container `ap`", "Did you mean `app`?"),
    (alb("{to: »app}"), "not a declared port", '"container:port"'),
    (alb("{to: »app:80/tcp}"), "not a declared port", ""),
    (alb("{to: »53}", container="ports: [53/udp]"), "is udp, but here it is asked for tcp", ""),
    (stack(service="expose:\n  - »alb: {listen: 80}", container="ports: [80, 81]"), "`alb` needs `to`", ""),
    (alb("{listen: »70000}"), "outside 1 to 65535", ""),
    (alb("{certificate: »abc}"), "not the ARN of a certificate", "arn:aws:acm"),
    (
        alb(f"{{certificate: »{CERTIFICATE.replace('eu-west-1', 'us-east-1')}}}"),
        "certificate is in us-east-1",
        "eu-west-1",
    ),
    (alb("{tls_policy: »TLS13}"), "not a security policy", "ELBSecurityPolicy-"),
    (alb("{hosts: [»localhost]}"), "not a host name", "with a dot"),
    (alb("{hosts: [»https://app.io]}"), "more than a host name", "Leave out scheme"),
    (alb("{hosts: [»a.io:8080]}"), "more than a host name", ""),
    (alb(f"{{hosts: [»{'a' * 126}.io]}}"), "not a host name", "at most 128"),
    (alb("{paths: [»api]}"), "not a path", "Begin with /"),
    (alb('{paths: [»"/a?b=c"]}'), "not a path", "no query"),
    (
        stack(service="expose:\n  - »alb: {hosts: [a.io, b.io, c.io], paths: [/a, /b, /c]}"),
        "3 hosts and 3 paths",
        "Split",
    ),
    (alb("{hosts: »[a.io, b.io, c.io, d.io, e.io, f.io]}"), "at most 5 items; here are 6", ""),
    (alb("{protocol_version: »grpc}"), "needs an HTTPS listener", "certificate"),
    (alb("{»redirect: true}"), "no HTTPS listener to redirect to", ""),
    (alb("{sources: [»10.0.0.1/8]}"), "bits set", "10.0.0.0/8"),
    (alb("{sources: [»everyone]}"), "not a CIDR, a sg- or pl- id", ""),
    (alb("{sources: [»internet]}"), "a word for `reach`", "0.0.0.0/0"),
    (alb("{sources: [»web]}"), "is a service", "allow_from"),
    (alb("{sources: [»sg-xyz]}"), "not the id of a security group", ""),
    (alb("{dns: {zone: »io, name: www}}"), "not the name of a hosted zone", ""),
    (alb("{dns: {zone: app.io, name: »www.app.io}}"), "repeats the zone", 'Write "www"'),
    (alb("{dns: {zone: app.io, name: »a b}}"), "not a name in a zone", ""),
    (alb("{»priority: 5}"), "are computed", "Remove"),
    (alb("{name: »Front}"), "not a name for a balancer", ""),
    (
        alb("{listener: »abc, priority: 5, paths: [/a]}").replace(
            "    expose", "    allow_from: [sg-0123]\n    expose"
        ),
        "not the ARN of a listener",
        "",
    ),
    (
        stack(service=f"expose:\n  - alb: {{»listener: {LISTENER}, priority: 5, paths: [/a]}}"),
        "let the existing",
        "allow_from",
    ),
    (
        stack(service=f"allow_from: [sg-0123]\nexpose:\n  - alb: {{»listener: {LISTENER}, paths: [/a]}}"),
        "needs a `priority`",
        "",
    ),
    (
        stack(service=f"allow_from: [sg-0123]\nexpose:\n  - alb: {{»listener: {LISTENER}, priority: 1}}"),
        "needs `hosts` or `paths`",
        "",
    ),
    (
        stack(
            service="allow_from: [sg-0123]\nexpose:\n"
            f"  - alb: {{listener: {LISTENER}, priority: 1, paths: [/a], »listen: 80}}"
        ),
        "exists already",
        "Remove",
    ),
    (nlb("{listen: 1, protocol: »tcp_udp}"), "not one of tcp, tls, udp", "one port for both TCP and UDP"),
    (nlb("{listen: 1, protocol: »https}"), "not one of tcp, tls, udp", "use tls"),
    (nlb("{listen: 1, protocol: »tls}"), "needs a certificate", ""),
    (nlb(f"{{listen: 1, »certificate: {CERTIFICATE}}}"), "takes no certificate", "protocol: tls"),
    (nlb("{listen: 1, »static_ips: true, internal: true}"), "internal balancer has none", ""),
    (nlb("{listen: »0}"), "outside 1 to 65535", ""),
    (
        nlb("{listen: 1, protocol: udp, »preserve_client_ip: false}", container="ports: [53/udp]"),
        "always see the client's address",
        "",
    ),
    (nlb("{listen: 1, protocol: udp, »idle_timeout: 90}", container="ports: [53/udp]"), "always 120 seconds", ""),
    (alb("{health: {interval: »4}}"), "outside 5 to 300", ""),
    (alb("{health: {timeout: »121}}"), "outside 2 to 120", ""),
    (alb("{health: {healthy: »1}}"), "outside 2 to 10", ""),
    (alb("{health: {timeout: »15}}"), "15 s is not below the interval of 15 s", "at most 14"),
    (alb("{health: {interval: »10}}"), "10 s is not below the interval of 10 s", ""),
    (alb("{health: {codes: »200-599}}"), "not within 200 to 499", ""),
    (alb("{health: {codes: »ok}}"), "not a list of answer codes", ""),
    (alb("{health: {path: »healthz}}"), "not a path", "Begin with /"),
    (alb("{health: {protocol: »tcp}}"), "cannot check by TCP", ""),
    (nlb("{listen: 1, health: {protocol: tcp, »path: /}}"), "has no `path`", "protocol: http"),
]

TOGETHER = [
    (
        stack(network="zones: 1\negress: endpoints", service="expose:\n  - »alb: {}"),
        "two Availability Zones",
        "zones: 2",
    ),
    (both("alb: {}", "»alb: {}"), "answer all requests on port 80", "`hosts` or `paths`"),
    (both("alb: {paths: [/a]}", "»alb: {paths: [/a]}"), "take the same requests", ""),
    (both(f"alb: {{listen: 80, certificate: {CERTIFICATE}}}", "»alb: {paths: [/a]}"), "cannot be HTTP and HTTPS", ""),
    (both("alb: {idle_timeout: 9}", "alb: {paths: [/a], idle_timeout: »8}"), "`idle_timeout` differs", "`name`"),
    (
        both(f"alb: {{certificate: {CERTIFICATE}}}", f"»alb: {{listen: 8443, certificate: {CERTIFICATE}}}"),
        "redirect to port 443 and to port 8443",
        "redirect: false",
    ),
    (both("alb: {idle_timeout: 9}", "»alb: {paths: [/a]}"), "`idle_timeout` differs", "`name`"),
    (both("nlb: {listen: 5}", "nlb: {listen: »5}"), "already used by `services.web.expose[0].nlb`", "another port"),
    (
        both("nlb: {listen: 5, static_ips: true}", "»nlb: {listen: 6}").replace("»nlb", "»nlb"),
        "`static_ips` differs",
        "",
    ),
    (
        both("alb: {dns: {zone: a.io}}", "nlb: {listen: 5, »dns: {zone: a.io}}"),
        "The name a.io is also given by `services.web.expose[0].alb.dns`",
        "",
    ),
]

DISCOVERY = [
    (stack(service="discovery:\n  - »{}"), "neither cloud_map nor service_connect", ""),
    (stack(service="discovery:\n  - cloud_map: {namespace: a.b}\n  - »cloud_map: {namespace: c.d}"), "has one", ""),
    (cloud_map("{namespace: »shop local}"), "not a name for a namespace", "shop.local"),
    (cloud_map("{namespace: »arn:aws:s3:::x}"), "not the ARN of a namespace", ""),
    (cloud_map("{namespace: a.b, name: »-web}"), "not a name that can be looked up", ""),
    (cloud_map("{namespace: a.b, records: [»CNAME]}"), "not one of A, AAAA, SRV", "use A, AAAA or SRV"),
    (cloud_map("{namespace: a.b, records: »[AAAA]}"), "the network has none", "ipv6: true"),
    (cloud_map("{namespace: a.b, records: »[A, A]}"), "given twice", ""),
    (cloud_map("{namespace: a.b, records: [A], »to: app:80}"), "Only SRV records hold a port", ""),
    (cloud_map("{namespace: a.b, to: »app:99}"), "does not declare port 99", ""),
    (cloud_map("{namespace: a.b, ttl: »-1}"), "outside 0 to 2147483647", ""),
    (cloud_map("{namespace: a.b}", "ports: [1, 2]").replace("cloud_map", "»cloud_map"), "declares 2", "records: [A]"),
    (connect("{namespace: a.b, port: »app:81}"), "does not declare port 81", ""),
    (connect("{namespace: a.b, »listen: 80}"), "`port` is missing", ""),
    (connect("{namespace: a.b, port: app:80, name: »Web}"), "not a name that can be looked up", ""),
]

SOURCES = [
    (stack(service="allow_from: [»wbe]"), "not a service of the stack", "Did you mean `web`?"),
    (stack(service="allow_from: [»internet]"), "a word for `reach`", "0.0.0.0/0"),
    (stack(service="allow_from: [»10.0.0.0/33]"), "not a CIDR block", ""),
    (stack(service="allow_from: [»10.1.2.3]"), "one address", "10.1.2.3/32"),
    (stack(service="allow_from: [»sg-]"), "not the id of a security group", ""),
    (stack(service="allow_from: [»pl-zz]"), "not the id of a prefix list", ""),
    (stack(service="allow_from: [{from: web, ports: [»81]}]"), "declares port 81", "Declared ports: 80"),
    (stack(service="allow_from: [»5]"), "5 is not the name of a service", ""),
    (stack(service="allow_from: [»{ports: [80]}]"), "needs `from`", ""),
    (stack(service="allow_from: [»web]", container="ports: []"), "no port that could be opened", ""),
]


def two(first: str, second: str) -> str:
    """Two services, each with one more line."""
    return (
        "stack: shop\nregion: eu-west-1\nnetwork: {egress: endpoints}\nservices:\n"
        f'  web:\n    containers: [{{name: app, image: "{ECR}", ports: [80]}}]\n    {first}\n'
        f'  api:\n    containers: [{{name: app, image: "{ECR}", ports: [80]}}]\n    {second}\n'
    )


SERVICES = [
    (two("expose: [alb: {}]", "expose: [»alb: {}]"), "This entry and `services.web.expose[0].alb` answer all", ""),
    (
        two("discovery: [cloud_map: {namespace: a.b, name: x}]", "discovery: [cloud_map: {namespace: a.b, name: »X}]"),
        "`services.web.discovery[0].cloud_map.name` has the same name in a.b",
        "its own name",
    ),
    (two("expose: [nlb: {listen: 9}]", "expose: [nlb: {listen: »9}]"), "Port 9 of this balancer is already used", ""),
    (
        two(
            f"allow_from: [sg-0123]\n    expose: [alb: {{listener: {LISTENER}, priority: 7, paths: [/a]}}]",
            f"allow_from: [sg-0123]\n    expose: [alb: {{listener: {LISTENER}, priority: »7, paths: [/b]}}]",
        ),
        "Priority 7 on this listener is also taken by `services.web.expose[0].alb`",
        "",
    ),
    (two("count: 1", "allow_from: [»wb]"), "not a service of the stack", "Did you mean `web`?"),
]


def reach(text: str) -> str:
    return stack(more=f"reach:\n  - {text}", service="expose: [alb: {}]")


REACH = [
    (reach("{from: »interne, to: web:80}"), "no service `interne`", "Did you mean `internet`?"),
    (reach("{from: internet, to: »wbe:80}"), "no service `wbe`", "Did you mean `web`?"),
    (reach("{from: internet, to: »web/ap:80}"), "no container `ap`", "Did you mean `app`?"),
    (reach("{from: »internet:80, to: web:80}"), "ports belong to `to`", 'Write "internet"'),
    (reach("{from: internet, to: »web:81}"), "declares no port 81", "Declared ports: 80"),
    (reach("{from: internet, to: »web:80/udp}"), "is tcp, not udp", "web:80/tcp"),
    (reach("{from: internet, to: »web:70000}"), "outside 1 to 65535", ""),
    (reach("{from: internet, to: »web:90-80, expect: blocked}"), "or backwards", ""),
    (reach("{from: internet, to: »web:80/icmp}"), "ICMP, which has none", ""),
    (reach("{from: internet, to: »10.0.0.1/8}"), "not an address or CIDR", "10.0.0.0/8"),
    (reach('{from: internet, to: »"a b"}'), "is not an endpoint", "Endpoints: internet"),
    (reach("{from: internet, to: »'aws:'}"), "is not an endpoint", ""),
    (reach("{from: internet, to: web:80, expect: »open}"), "not one of reachable, blocked, partial", "`reachable`"),
    (reach("{from: internet, to: web:80, expect: »unknown}"), "not one of", "never something to expect"),
    (reach("{from: internet, to: web:80, via: »elb}"), "not a way", "alb, nlb, direct"),
    (reach("{from: internet, to: web:80, via: »nlb}"), "not exposed through an nlb", ""),
    (reach("»{from: internet}"), "needs `to`", ""),
    (
        reach("{from: web, to: internet}\n  - {from: web, to: internet, expect: »blocked}"),
        "expected to be reachable and",
        "",
    ),
]

TOP = [
    ("»services: {web: {containers: [{name: a, image: b}]}}", "the stack has no name", "stack: <name>"),
    ("»network: {}\nreach: [{from: internet, to: internet}]", "`network` is given", ""),
    ("stack: »Shop", "not a name for a stack", "lower-case"),
    ("stack: »1", "1 is not text", "quotes"),
    ("stack: »" + "a" * 41, "at most 40 characters", ""),
    ("stack: »shop-", "ends with a hyphen", ""),
    ("stack: shop\nregion: »ireland", "not the name of an AWS region", "eu-west-1"),
    ("stack: shop\n»service: {}", "`service` is not a key of the spec", "Did you mean `services`?"),
    ("stack: shop\nservices: {»Web: {containers: [{name: a, image: b}]}}", "not a name for a service", ""),
    ("stack: shop\nservices: {»internet: {containers: [{name: a, image: b}]}}", "a meaning of its own", ""),
    ("stack: shop\nservices: »[web]", "takes a mapping", ""),
    ("stack: shop\nservices: {web: »}", "`web` has no value", "remove the key"),
    ("stack: shop\ntags: {»aws:x: y}", "reserved", ""),
    ("stack: shop\ntags: {»Fargatenet:x: y}", "reserved", ""),
    ("stack: shop\ntags: {a: »" + "x" * 257 + "}", "not a value for a tag", "256"),
    ("stack: shop\ncluster: »a b", "not the name of a cluster", ""),
    ("»region: eu-west-1", "wishes for nothing", ""),
]

ROWS = [*NETWORK, *EGRESS, *EXPOSE, *TOGETHER, *DISCOVERY, *SERVICES, *SOURCES, *REACH, *TOP]
