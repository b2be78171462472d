from apps.returns.models.documents import Document, DocumentKind, DocumentLine, Fate
from apps.returns.models.prints import DocumentPrint, Paper

__all__ = ["Document", "DocumentKind", "DocumentLine", "DocumentPrint", "Fate", "Paper"]
