"""Error answers outside of a service's own error list, in the wire format of the service.

Never here: when such an answer is given.
"""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

RawAnswer = tuple[int, dict[str, Any], Any]

_XML_SERVICES = ("ec2", "elbv2", "iam", "sts", "route53", "cloudwatch")


def raw_error(service: str, status: int, code: str, message: str) -> RawAnswer:
    """Status, headers and body of an error; the header `x-sandbox-fault` tells it from an answer of AWS."""
    headers: dict[str, Any] = {"status": status, "x-sandbox-fault": code}
    if service not in _XML_SERVICES:
        body = json.dumps({"__type": code, "message": message})
        return status, {**headers, "Content-Type": "application/x-amz-json-1.1"}, body
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    if service == "ec2":
        body = f"<Response><Errors>{error}</Errors><RequestID>sandbox</RequestID></Response>"
    else:
        body = f"<ErrorResponse>{error}<RequestId>sandbox</RequestId></ErrorResponse>"
    return status, {**headers, "Content-Type": "text/xml"}, body
