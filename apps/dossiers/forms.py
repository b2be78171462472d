"""Forms of merging and erasing: a reason, and the second person where the shop wants one."""

from apps.shops.approval_forms import ApprovedForm


class MergeForm(ApprovedForm):
    """Why two customers are one."""


class EraseForm(ApprovedForm):
    """Why a person is erased: that they asked for it, and how."""
