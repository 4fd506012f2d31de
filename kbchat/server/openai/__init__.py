"""The interface of OpenAI's chat completions, so that programs written for it work unchanged."""
