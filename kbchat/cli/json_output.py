"""The JSON of `ask` and `search`; the services write the same."""

from kbchat.services.answer_json import answer_json, citation_json, passage_json

__all__ = ["answer_json", "citation_json", "passage_json"]
