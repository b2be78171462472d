"""Housekeeping of the queue and of what expires. Every job here bears running twice."""

from datetime import timedelta
from importlib import import_module
from typing import Final

from django.conf import settings
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from apps.core.handing_back import queue_again
from apps.core.models import HealthChange, HealthReporter, HealthSample

# Never near the worker's heartbeat of 10 s: with less, jobs of living workers ran a second time.
STALLED_AFTER_SECONDS: Final = 30.0
FINISHED_KEPT_HOURS: Final = 7 * 24
HEALTH_KEPT_DAYS: Final = 30


@app.periodic(cron="* * * * *")
@app.task(
    name="core.retry_stalled_jobs", queueing_lock="core.retry_stalled_jobs", pass_context=True
)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Queue again what a killed worker left behind; without it such a job is `doing` for ever."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await queue_again(jobs, job)


@app.periodic(cron="17 3 * * *")
@app.task(name="core.delete_old_jobs", queueing_lock="core.delete_old_jobs", pass_context=True)
async def delete_old_jobs(context: JobContext, timestamp: int) -> None:
    """Delete jobs that ended over a week ago. Failed ones stay until someone has looked."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=FINISHED_KEPT_HOURS, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="37 3 * * *")
@app.task(name="core.clear_expired_sessions", queueing_lock="core.clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> None:
    """Delete sessions whose time is over; signing in never does."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@app.periodic(cron="47 3 * * *")
@app.task(name="core.delete_old_health", queueing_lock="core.delete_old_health")
def delete_old_health(timestamp: int) -> None:
    """Delete what was remembered of health more than 30 days ago; /status/ shows one.

    And what a server with a wrong clock wrote of days to come.
    """
    now = timezone.now()
    kept = (now - timedelta(days=HEALTH_KEPT_DAYS), now + timedelta(days=1))
    HealthSample.objects.exclude(quarter_at__range=kept).delete()
    HealthChange.objects.exclude(at__range=kept).delete()
    HealthReporter.objects.exclude(seen_at__range=kept).delete()
