"""The ECS calls about single tasks: run, stop, list, describe.

Authority: API reference, RunTask, StopTask, ListTasks, DescribeTasks.

Never here: tasks that a service wants.
"""

from __future__ import annotations

import copy
from typing import Any

from . import ecs_tasks
from .calls import AwsError, Call, Proceed, repair
from .ec2_calls import page
from .ecs_checks import check_network, client_error, invalid
from .ecs_scheduler import launch_of
from .ecs_shapes import task_shape
from .ecs_state import Task, ecs, tag_map


@repair("ecs", "RunTask")
def run_task(call: Call, proceed: Proceed) -> Any:
    """Up to ten tasks; the same client token again returns the same tasks."""
    region, params = ecs(call), call.params
    cluster = region.cluster(params.get("cluster"))
    token, asked = params.get("clientToken"), {k: v for k, v in params.items() if k != "clientToken"}
    known = region.run_tokens.get(token) if token else None
    if known is not None:
        if known[0] != asked:
            raise AwsError(
                "ConflictException",
                "The RunTask request could not be processed due to conflicts.",
                resourceIds=known[1],
            )
        return {"tasks": [task_shape(region, region.tasks[i], with_tags=True) for i in known[1]], "failures": []}
    count = int(params.get("count", 1))
    if not 1 <= count <= 10:
        raise invalid("Task count must be between 1 and 10.")
    definition = region.definition(params["taskDefinition"])
    if definition.status != "ACTIVE":
        raise client_error("TaskDefinition is inactive")
    check_network(call, definition, params.get("networkConfiguration"))
    tags = tag_map(params.get("tags"))
    if params.get("propagateTags") == "TASK_DEFINITION":
        tags = {**definition.tags, **tags}
    made: list[Task] = []
    for _ in range(count):
        made.append(
            ecs_tasks.start(
                region,
                definition,
                copy.deepcopy(params["networkConfiguration"]),
                cluster=cluster.name,
                group=params.get("group") or f"family:{definition.family}",
                started_by=params.get("startedBy", ""),
                launch=launch_of(params),
                tags=dict(tags),
                overrides=params.get("overrides", {}),
                execute_command=bool(params.get("enableExecuteCommand")),
                among=made,
            )
        )
    if token:
        region.run_tokens[token] = (copy.deepcopy(asked), [task.id for task in made])
    return {"tasks": [task_shape(region, task, with_tags=True) for task in made], "failures": []}


@repair("ecs", "StopTask")
def stop_task(call: Call, proceed: Proceed) -> Any:
    """The task is asked to stop; a service starts another one."""
    region = ecs(call)
    cluster = region.cluster(call.params.get("cluster"))
    task = region.tasks.get(call.params["task"].split("/")[-1])
    if task is None or task.cluster != cluster.name:
        raise invalid("The referenced task was not found.")
    reason = call.params.get("reason") or "Task stopped by user"
    ecs_tasks.stop(region, task, reason, "UserInitiated")
    return {"task": task_shape(region, task, with_tags=False)}


@repair("ecs", "ListTasks")
def list_tasks(call: Call, proceed: Proceed) -> Any:
    """Tasks that are wanted to run, unless stopped ones are asked for."""
    region, params = ecs(call), call.params
    cluster = region.cluster(params.get("cluster"))
    wanted = params.get("desiredStatus", "RUNNING")
    found = [task for task in region.tasks.values() if task.cluster == cluster.name and task.desired_status == wanted]
    if "serviceName" in params:
        service = region.service(cluster, params["serviceName"])
        found = [task for task in found if task.service == f"{cluster.name}/{service.name}"]
    if "family" in params:
        found = [task for task in found if task.definition.family == params["family"]]
    if "startedBy" in params:
        found = [task for task in found if task.started_by == params["startedBy"]]
    if "launchType" in params:
        found = [task for task in found if task.launch.get("launchType") == params["launchType"]]
    if "containerInstance" in params:
        found = []
    arns = [task.arn for task in found]
    shown, following = page(arns, params.get("maxResults"), params.get("nextToken"), default=100)
    return {"taskArns": shown, "nextToken": following} if following else {"taskArns": shown}


@repair("ecs", "DescribeTasks")
def describe_tasks(call: Call, proceed: Proceed) -> Any:
    """At most a hundred; stopped tasks are shown for about an hour, unknown ones are failures."""
    region = ecs(call)
    cluster = region.cluster(call.params.get("cluster"))
    asked = call.params.get("tasks", [])
    if not asked:
        raise invalid("Tasks cannot be empty.")
    if len(asked) > 100:
        raise invalid("Maximum number of tasks in request is 100")
    shown, failures = [], []
    for given in asked:
        task = region.tasks.get(given.split("/")[-1])
        if task is None or task.cluster != cluster.name:
            arn = given if given.startswith("arn:") else region.arn("task", cluster.name, given)
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            shown.append(task_shape(region, task, with_tags="TAGS" in call.params.get("include", [])))
    return {"tasks": shown, "failures": failures}
