from apps.labels.models.prints import PrintWay, TagPrint
from apps.labels.models.templates import LabelTemplate, Stock

__all__ = ["LabelTemplate", "PrintWay", "Stock", "TagPrint"]
