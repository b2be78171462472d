"""Pages of the stock."""

from django.urls import path

from apps.inventory.views import intake, listing, piece, places

app_name = "inventory"
urlpatterns = [
    path("", listing.piece_list, name="piece-list"),
    path("facts/", listing.facts, name="facts"),
    path("new/", piece.new, name="piece-new"),
    path("places/", places.place_list, name="places"),
    # A tag may be any text, also "new" or one with a slash.
    path("piece/<path:tag>/", piece.show, name="piece"),
    path("import/", intake.choose_file, name="import"),
    path("import/<int:upload_id>/", intake.preview, name="import-preview"),
    path("import/<int:upload_id>/columns/", intake.columns, name="import-columns"),
    path("import/<int:upload_id>/bring-in/", intake.bring_in, name="import-bring-in"),
    path("import/<int:upload_id>/progress/", intake.progress, name="import-progress"),
    path("import/<int:upload_id>/refused.csv", intake.refused, name="import-refused"),
    path("export.csv", intake.export, name="export"),
]
