"""Stage 4: messages in, an answer out."""

from .budget import Budget
from .cached import Cached
from .chat import ChatModel
from .client import LanguageModel, Piece, Reply
from .endpoint import Endpoint
from .json_stream import JsonStream, read_json
from .openai_call import list_models
from .prices import price
from .replay import RecordingEndedError, Recordings, Replayed

__all__ = [
    "Budget",
    "Cached",
    "ChatModel",
    "Endpoint",
    "JsonStream",
    "LanguageModel",
    "Piece",
    "RecordingEndedError",
    "Recordings",
    "Replayed",
    "Reply",
    "list_models",
    "price",
    "read_json",
]
