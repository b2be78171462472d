"""Pages of the stock."""

from django.urls import path

from apps.inventory.views import hand, intake, listing, moving, piece, places, transfers

app_name = "inventory"
urlpatterns = [
    path("", listing.piece_list, name="piece-list"),
    path("facts/", listing.facts, name="facts"),
    path("new/", piece.new, name="piece-new"),
    path("places/", places.place_list, name="places"),
    path("places/<int:place_id>/", places.show, name="place"),
    path("places/<int:place_id>/change/", places.change, name="place-change"),
    path("move/", moving.move_pieces, name="move"),
    path("transfers/", transfers.transfer_list, name="transfers"),
    path("transfers/<int:transfer_id>/", transfers.show, name="transfer"),
    path("transfers/<int:transfer_id>/add/", transfers.add, name="transfer-add"),
    path("transfers/<int:transfer_id>/take-out/", transfers.take_out, name="transfer-take-out"),
    path("transfers/<int:transfer_id>/send/", transfers.send_off, name="transfer-send"),
    path("transfers/<int:transfer_id>/cancel/", transfers.cancel, name="transfer-cancel"),
    path("transfers/<int:transfer_id>/slip.pdf", transfers.paper, name="transfer-paper"),
    path("write-off/", hand.write_off, name="write-off"),
    path("found/", hand.found, name="found"),
    path("join/", hand.join_pieces, name="join"),
    path("papers/<str:code>/", hand.document, name="document"),
    path("edit/<path:tag>/", piece.edit_piece, name="piece-edit"),
    path("split/<path:tag>/", hand.split_piece, name="split"),
    path("reserve/<path:tag>/", hand.reserve, name="reserve"),
    path("release/<path:tag>/", hand.release, name="release"),
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
