from apps.lots.models.lots import Lot, LotKind, LotMode, LotMove, LotMoveKind, LotPrice

__all__ = ["Lot", "LotKind", "LotMode", "LotMove", "LotMoveKind", "LotPrice"]
