"""Amazon SageMaker, as far as Ground Truth is in it: one file per noun, each with its operations."""

from __future__ import annotations

from groundswell.server.aws.protocol import JsonService, Operation
from groundswell.server.aws.sagemaker import create_job, human_task_uis, labeling_jobs, tags, work_teams, workforces

OPERATIONS: dict[str, Operation] = {
    "CreateLabelingJob": create_job.create_labeling_job,
    "DescribeLabelingJob": labeling_jobs.describe_labeling_job,
    "ListLabelingJobs": labeling_jobs.list_labeling_jobs,
    "ListLabelingJobsForWorkteam": labeling_jobs.list_labeling_jobs_for_workteam,
    "StopLabelingJob": labeling_jobs.stop_labeling_job,
    "CreateWorkteam": work_teams.create_workteam,
    "UpdateWorkteam": work_teams.update_workteam,
    "DescribeWorkteam": work_teams.describe_workteam,
    "ListWorkteams": work_teams.list_workteams,
    "DeleteWorkteam": work_teams.delete_workteam,
    "DescribeSubscribedWorkteam": work_teams.describe_subscribed_workteam,
    "ListSubscribedWorkteams": work_teams.list_subscribed_workteams,
    "CreateWorkforce": workforces.create_workforce,
    "UpdateWorkforce": workforces.update_workforce,
    "DescribeWorkforce": workforces.describe_workforce,
    "ListWorkforces": workforces.list_workforces,
    "DeleteWorkforce": workforces.delete_workforce,
    "CreateHumanTaskUi": human_task_uis.create_human_task_ui,
    "DescribeHumanTaskUi": human_task_uis.describe_human_task_ui,
    "ListHumanTaskUis": human_task_uis.list_human_task_uis,
    "DeleteHumanTaskUi": human_task_uis.delete_human_task_ui,
    "RenderUiTemplate": human_task_uis.render_ui_template,
    "AddTags": tags.add_tags,
    "ListTags": tags.list_tags,
    "DeleteTags": tags.delete_tags,
}

SAGEMAKER = JsonService("sagemaker", OPERATIONS, target="SageMaker", scopes=frozenset({"sagemaker"}))
