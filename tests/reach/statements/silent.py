"""Statements that no verdict can show, each with the reason. Never here: statements that were only hard to test."""

SILENT: dict[int, str] = {
    18: "A changed rule acts on tracked and untracked connections differently, but only on those that exist already. "
    "Every verdict is about a new connection.",
    19: "Which connections are tracked decides how long they live, not whether they can be opened.",
    20: "AWS refuses a service with more than five groups or sixteen subnets, so no saved response shows one. "
    "The limits are checked where they can be broken: when a spec is validated.",
    90: "Two processes cannot listen on one port, so the second container stops; packets to the first are the same. "
    "A spec with such a task is refused.",
    99: "No call tells when a task started relative to a change of DHCP options. A VPC with name servers of its own is "
    "answered with the assumption that they forward, whichever set a task has.",
}
